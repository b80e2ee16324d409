"""Validates recorded AWS requests against AWS's published service models.

    validate.py REQUESTS

REQUESTS is what `go test ./e2e -record REQUESTS` wrote: the requests as they
came over the wire. Each is read back into its operation's parameters by the
model that botocore ships, and held to that: required members, unknown ones,
types, patterns, lengths, ranges and enumerations. Prints the counts; exits 1
when a request breaks its model.

Left out are requests that somebody other than Mayfly sent and that were
refused: the suite sends wrong ones on purpose.
"""

import base64
import collections
import datetime
import gzip
import io
import json
import re
import struct
import sys
import urllib.parse
import xml.etree.ElementTree as ET

import botocore.loaders
import botocore.model
import botocore.validate

# The models' names of the services, by those of the credential scope.
SERVICES = {"states": "stepfunctions", "monitoring": "cloudwatch", "servicequotas": "service-quotas"}

# What belongs to a signature in a URL, or to the SDK, and not to an operation.
FOREIGN_QUERY = {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders",
                 "x-amz-signature", "x-amz-security-token", "x-id"}


class Unreadable(Exception):
    """A request that is not what its model says."""


class Models:
    """The operations of all services, loaded when they are first asked for."""

    def __init__(self):
        self.loader = botocore.loaders.Loader()
        self.services = {}

    def operation(self, service, name):
        name_of_model = SERVICES.get(service, service)
        if name_of_model not in self.services:
            model = botocore.model.ServiceModel(self.loader.load_service_model(name_of_model, "service-2"))
            # CloudFront's operations have the API's version in their names.
            names = {re.sub(r"\d{4}_\d{2}_\d{2}$", "", n): n for n in model.operation_names}
            self.services[name_of_model] = (model, names)
        model, names = self.services[name_of_model]
        if name not in names:
            raise Unreadable(f"the model has no operation {name!r}")
        return model, model.operation_model(names[name])


def local(tag):
    """An XML name without its namespace."""
    return tag.rsplit("}", 1)[-1]


def scalar(shape, text):
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError as e:
        raise Unreadable(f"{text!r} is no {kind}") from e
    if kind == "boolean":
        if text not in ("true", "false"):
            raise Unreadable(f"{text!r} is no boolean")
        return text == "true"
    if kind == "blob":
        return text.encode()
    return text


def from_xml(shape, node):
    """A value of a shape from an XML element."""
    if shape.type_name == "structure":
        return structure_from_xml(shape, node)
    if shape.type_name == "list":
        return [from_xml(shape.member, child) for child in node]
    if shape.type_name == "map":
        return {child[0].text or "": from_xml(shape.value, child[1]) for child in node}
    if len(node):
        raise Unreadable(f"<{local(node.tag)}> has elements within, where the model has a {shape.type_name}")
    return scalar(shape, node.text or "")


def structure_from_xml(shape, node):
    named = {}
    for name, member in shape.members.items():
        if member.type_name == "list" and member.serialization.get("flattened"):
            wire = member.serialization.get("name") or member.member.serialization.get("name") or name
        else:
            wire = member.serialization.get("name", name)
        named[wire] = (name, member)
    value = {}
    for child in node:
        tag = local(child.tag)
        if tag not in named:
            raise Unreadable(f"<{tag}> is no member of {shape.name}")
        name, member = named[tag]
        if member.type_name == "list" and member.serialization.get("flattened"):
            value.setdefault(name, []).append(from_xml(member.member, child))
        elif name in value:
            raise Unreadable(f"<{tag}> is there twice")
        else:
            value[name] = from_xml(member, child)
    for wire, (name, member) in named.items():
        if member.serialization.get("xmlAttribute"):
            for attribute, text in node.attrib.items():
                if local(attribute) == wire.split(":")[-1]:
                    value[name] = text
    return value


def from_json(shape, value):
    """A decoded JSON document as the validator wants it: blobs as bytes."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {k: from_json(shape.members[k], v) if k in shape.members else v for k, v in value.items() if v is not None}
    if kind == "list" and isinstance(value, list):
        return [from_json(shape.member, v) for v in value]
    if kind == "map" and isinstance(value, dict):
        return {k: from_json(shape.value, v) for k, v in value.items()}
    if kind == "blob" and isinstance(value, str):
        return base64.b64decode(value)
    return value


def path_pattern(template):
    """A regular expression of a model's requestUri, without its query."""
    parts = []
    for piece in re.split(r"(\{[^}]+\})", template.split("?")[0]):
        if piece.startswith("{"):
            name = piece[1:-1]
            greedy = name.endswith("+")
            parts.append(f"(?P<{name.rstrip('+')}>{'.+' if greedy else '[^/]+'})")
        else:
            parts.append(re.escape(piece))
    return re.compile("".join(parts).rstrip("/") + "/?$")


class Rest:
    """Reads requests of the protocols that use paths, queries and headers."""

    def __init__(self, operation, recorded, body):
        self.operation, self.recorded, self.body = operation, recorded, body
        self.uri = urllib.parse.urlsplit(recorded["URI"])
        self.headers = {k.lower(): v for k, v in recorded["Header"].items()}
        self.query = urllib.parse.parse_qs(self.uri.query, keep_blank_values=True)
        # A signed URL carries headers in its query.
        for name, values in list(self.query.items()):
            if name.lower().startswith("x-amz-") and name.lower() not in self.headers:
                self.headers[name.lower()] = values

    def params(self):
        found = path_pattern(self.operation.http["requestUri"]).match(self.uri.path)
        if not found:
            raise Unreadable(f"{self.uri.path} is not {self.operation.http['requestUri']}")
        if self.operation.http["method"] != self.recorded["Method"]:
            raise Unreadable(f"{self.recorded['Method']} is not {self.operation.http['method']}")
        shape = self.operation.input_shape
        if shape is None:
            return {}
        value, rest = {}, {}
        for name, member in shape.members.items():
            location = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if location == "uri":
                if found.groupdict().get(wire) is not None:
                    value[name] = scalar(member, urllib.parse.unquote(found.group(wire)))
            elif location == "querystring":
                if wire in self.query:
                    values = self.query[wire]
                    value[name] = [scalar(member.member, v) for v in values] if member.type_name == "list" else scalar(member, values[0])
            elif location == "header":
                if wire.lower() in self.headers:
                    text = self.headers[wire.lower()][0]
                    value[name] = [scalar(member.member, v.strip()) for v in text.split(",")] if member.type_name == "list" else scalar(member, text)
            elif location == "headers":
                found_headers = {k[len(wire):]: v[0] for k, v in self.headers.items() if k.startswith(wire.lower())}
                if found_headers:
                    value[name] = found_headers
            else:
                rest[name] = member
        self.check_query(shape)
        value.update(self.document(shape, rest))
        return value

    def check_query(self, shape):
        known = {m.serialization.get("name", n) for n, m in shape.members.items() if m.serialization.get("location") == "querystring"}
        fixed = {k for k, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(self.operation.http["requestUri"]).query, keep_blank_values=True)}
        headers = {m.serialization.get("name", n).lower() for n, m in shape.members.items() if m.serialization.get("location") == "header"}
        for name in self.query:
            if name not in known | fixed and name.lower() not in FOREIGN_QUERY | headers:
                raise Unreadable(f"the query has {name!r}, which the model does not know")

    def document(self, shape, rest):
        payload = shape.serialization.get("payload")
        if payload:
            member = shape.members[payload]
            if member.type_name == "structure":
                return {payload: self.structure(member)} if self.body else {}
            if member.type_name == "blob":
                return {payload: self.body}
            return {payload: self.body.decode()}
        if not rest or not self.body:
            return {}
        value = self.structure(shape)
        return {k: v for k, v in value.items() if k in rest}

    def structure(self, shape):
        raise NotImplementedError


class RestXML(Rest):
    def structure(self, shape):
        try:
            root = ET.fromstring(self.body)
        except ET.ParseError as e:
            raise Unreadable(f"the body is no XML: {e}") from e
        return structure_from_xml(shape, root)


class RestJSON(Rest):
    def structure(self, shape):
        return from_json(shape, json.loads(self.body))


def from_query(operation, body):
    """The members of the query protocol, as far as they are plain."""
    form = urllib.parse.parse_qs(body.decode(), keep_blank_values=True)
    value = {}
    for name, member in operation.input_shape.members.items():
        if member.type_name == "list":
            items = {}
            for key, texts in form.items():
                found = re.match(re.escape(name) + r"\.member\.(\d+)(?:\.(.+))?$", key)
                if found and found.group(2):
                    items.setdefault(int(found.group(1)), {})[found.group(2)] = texts[0]
                elif found:
                    items[int(found.group(1))] = texts[0]
            if items:
                value[name] = [recased(member.member, items[i]) for i in sorted(items)]
        elif name in form:
            value[name] = scalar(member, form[name][0])
    return value


def recased(shape, item):
    """Members by the model's names, which the query protocol may spell otherwise."""
    if shape.type_name != "structure":
        return item
    names = {n.lower(): n for n in shape.members}
    return {names.get(k.lower(), k): v for k, v in item.items()}


BREAK = object()


def from_cbor(stream):
    """One CBOR item, with lengths that are said or not (RFC 8949)."""
    first = stream.read(1)
    if not first:
        raise Unreadable("the CBOR ends early")
    major, info = first[0] >> 5, first[0] & 31
    if major == 7:
        if info in (25, 26, 27):
            return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[info], stream.read(1 << (info - 24)))[0]
        return {20: False, 21: True, 31: BREAK}.get(info)
    count = info if info < 24 else None if info == 31 else int.from_bytes(stream.read(1 << (info - 24)), "big")
    if major == 0:
        return count
    if major == 1:
        return -1 - count
    if major == 6:  # a tag: 1 is a time
        value = from_cbor(stream)
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc) if count == 1 else value
    if major in (2, 3) and count is not None:
        data = stream.read(count)
        return data if major == 2 else data.decode()
    items = []
    while (len(items) != count * (2 if major == 5 else 1)) if count is not None else True:
        item = from_cbor(stream)
        if item is BREAK:
            break
        items.append(item)
    if major == 5:
        return dict(zip(items[::2], items[1::2]))
    if major == 4:
        return items
    return (b"" if major == 2 else "").join(items)


def params_of(model, operation, recorded):
    body = base64.b64decode(recorded["Body"] or "")
    if "gzip" in (recorded["Header"].get("Content-Encoding") or [""])[0] and body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)  # the SDK packs large requests of metrics
    content = (recorded["Header"].get("Content-Type") or [""])[0]
    protocol = model.metadata["protocol"]
    shape = operation.input_shape
    if protocol == "rest-xml":
        return RestXML(operation, recorded, body).params()
    if protocol == "rest-json":
        return RestJSON(operation, recorded, body).params()
    if "cbor" in content:
        value = from_cbor(io.BytesIO(body)) if body else {}
        if not isinstance(value, dict):
            raise Unreadable("the CBOR is no map")
        return value
    if "json" in content:
        return from_json(shape, json.loads(body or b"{}"))
    return from_query(operation, body)


class Constraints:
    """What botocore's own validator does not look at: patterns, lengths at
    most, and enumerations."""

    def __init__(self):
        self.patterns = {}
        self.unusable = set()

    def check(self, shape, value, at=""):
        limits = shape.metadata
        size = value if shape.type_name in ("integer", "long", "float", "double") else len(value) if hasattr(value, "__len__") else None
        if size is not None:
            if "max" in limits and size > limits["max"]:
                yield f"{at}: {size} is over {limits['max']}"
            if "min" in limits and size < limits["min"]:
                yield f"{at}: {size} is under {limits['min']}"
        if shape.type_name == "string" and isinstance(value, str):
            if limits.get("enum") and value not in limits["enum"]:
                yield f"{at}: {value!r} is none of {limits['enum']}"
            pattern = self.compiled(limits.get("pattern"))
            if pattern and not pattern.fullmatch(value):
                yield f"{at}: {value!r} does not match {limits['pattern']}"
        elif shape.type_name == "structure" and isinstance(value, dict):
            # DynamoDB's values are a union, and its model does not say so.
            if (shape.is_tagged_union or shape.name == "AttributeValue") and len(value) != 1:
                yield f"{at}: one member of the union is wanted, {sorted(value)} are there"
            for name, member in value.items():
                if name in shape.members:
                    yield from self.check(shape.members[name], member, f"{at}.{name}")
        elif shape.type_name == "list" and isinstance(value, list):
            for i, item in enumerate(value):
                yield from self.check(shape.member, item, f"{at}[{i}]")
        elif shape.type_name == "map" and isinstance(value, dict):
            for key, item in value.items():
                yield from self.check(shape.key, key, f"{at} key {key!r}")
                yield from self.check(shape.value, item, f"{at}[{key!r}]")

    def compiled(self, pattern):
        """A pattern for Python, whose regular expressions lack \\p{…}."""
        if not pattern:
            return None
        if pattern not in self.patterns:
            classes = {"L": r"^\W\d_", "Z": r"\s", "N": r"\d", "M": "", "S": "", "P": ""}
            text = re.sub(r"\\p\{(\w)\w*\}", lambda m: classes.get(m.group(1), ""), pattern)
            try:
                self.patterns[pattern] = None if "\\p{" in pattern else re.compile(text, re.DOTALL)
            except re.error:
                self.patterns[pattern] = None
            if self.patterns[pattern] is None:
                self.unusable.add(pattern)
        return self.patterns[pattern]


def ours(recorded):
    """Whether Mayfly sent a request: a function has keys of its own."""
    key = (recorded["Header"].get("Authorization") or [""])[0] + recorded["URI"]
    return "Credential=AKIA" in key


def main(path):
    models, constraints, validator = Models(), Constraints(), botocore.validate.ParamValidator()
    counts, operations, faults = collections.Counter(), set(), collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            recorded = json.loads(line)
            if "Sent" in recorded:
                counts["sent"] = recorded["Sent"]
                continue
            if recorded["Status"] >= 400 and not ours(recorded):
                counts["refused"] += 1
                continue
            name = f"{recorded['Service']} {recorded['Operation']}"
            try:
                model, operation = models.operation(recorded["Service"], recorded["Operation"])
                if recorded["Cut"] and not (operation.input_shape and operation.has_streaming_input):
                    counts["cut"] += 1
                    continue
                params = params_of(model, operation, recorded)
                problems = []
                if operation.input_shape is not None:
                    report = validator.validate(params, operation.input_shape)
                    if report.has_errors():
                        problems.append(report.generate_report())
                    problems.extend(constraints.check(operation.input_shape, params))
            except (Unreadable, ValueError, KeyError) as e:
                problems = [f"{type(e).__name__}: {e}"]
            counts["validated"] += 1
            operations.add(name)
            for problem in problems:
                faults[f"{name}: {problem}"] += 1
    print(f"requests: {counts['sent']} sent, {counts['validated']} different ones of {len(operations)} operations validated, "
          f"{counts['refused']} refused ones of the tests and {counts['cut']} too long ones left out; "
          f"{len(constraints.unusable)} patterns that Python cannot read; {sum(faults.values())} break their model")
    for fault, times in faults.most_common(50):
        print(f"  {times} x {fault}", file=sys.stderr)
    if not counts["sent"] or not counts["validated"]:
        print("nothing was recorded", file=sys.stderr)
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
