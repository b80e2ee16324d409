"""Requests that break their models are found out: python -m unittest, in this folder."""

import base64
import json
import os
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import validate

OURS = {"Authorization": ["AWS4-HMAC-SHA256 Credential=AKIAONE"]}


def request(service, operation, method, uri, body="", status=200, **header):
    headers = {k.replace("_", "-"): [v] for k, v in header.items()}
    return {"Service": service, "Operation": operation, "Method": method, "URI": uri, "Header": {**OURS, **headers},
            "Body": base64.b64encode(body.encode()).decode(), "Cut": False, "Status": status}


def as_json(service, operation, **params):
    return request(service, operation, "POST", "/", json.dumps(params), Content_Type="application/x-amz-json-1.1")


def in_cbor(body):
    made = request("monitoring", "PutMetricData", "POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", Content_Type="application/cbor")
    return {**made, "Body": base64.b64encode(body).decode()}


def tags(inner):
    return f'<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>{inner}</TagSet></Tagging>'


class Validate(unittest.TestCase):
    def judge(self, *requests):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as file:
            for one in [*requests, {"Sent": len(requests)}]:
                file.write(json.dumps(one) + "\n")
        self.addCleanup(os.unlink, file.name)
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = validate.main(file.name)
        return code, out.getvalue() + err.getvalue()

    def test_right_ones(self):
        code, said = self.judge(
            request("s3", "PutBucketTagging", "PUT", "/b?tagging", tags("<Tag><Key>a</Key><Value>b</Value></Tag>")),
            request("s3", "GetObject", "GET", "/b/a%20b/c?versionId=1&X-Amz-Signature=0&x-id=GetObject", Range="bytes=0-1"),
            request("cloudfront", "GetInvalidation", "GET", "/2020-05-31/distribution/E1/invalidation/I1"),
            as_json("states", "StartExecution", stateMachineArn="arn:aws:states:us-east-1:000000000000:stateMachine:m", name="n", input="{}"),
            as_json("dynamodb", "GetItem", TableName="table", Key={"pk": {"S": "a"}}),
            in_cbor(b"\xbf\x69Namespace\x61a\x6aMetricData\x9f\xa2\x6aMetricName\x61m\x65Value\xfb\x3f\xf0\0\0\0\0\0\0\xff\xff"),
            request("sts", "GetCallerIdentity", "POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", Content_Type="application/x-www-form-urlencoded"))
        self.assertEqual(code, 0, said)
        self.assertIn("7 sent, 7 different ones of 7 operations validated", said)

    def test_wrong_ones(self):
        for why, wrong, want in [
            ("a member is missing", as_json("dynamodb", "GetItem", TableName="table"), "Missing required parameter"),
            ("a member is unknown", as_json("dynamodb", "GetItem", TableName="table", Key={}, Keys={}), "Unknown parameter"),
            ("a type is wrong", as_json("dynamodb", "GetItem", TableName=1, Key={}), "Invalid type"),
            ("a union has two", as_json("dynamodb", "GetItem", TableName="table", Key={"pk": {"S": "a", "N": "1"}}), "one member of the union|Invalid number of parameters"),
            ("an enumeration", as_json("dynamodb", "GetItem", TableName="table", Key={}, ReturnConsumedCapacity="SOME"), "is none of"),
            ("a pattern", as_json("ecr", "DescribeImages", repositoryName="Upper"), "does not match"),
            ("too short", as_json("ecr", "DescribeImages", repositoryName="a"), "under 2|Invalid length"),
            ("too long", as_json("states", "StartExecution", stateMachineArn="arn:m", name="n" * 81), "over 80"),
            ("an unknown element", request("s3", "PutBucketTagging", "PUT", "/b?tagging", tags("<Tags/>").replace("TagSet", "TagSets")), "no member"),
            ("an unknown member of CBOR", in_cbor(b"\xa2\x69Namespace\x61a\x64Data\x80"), "Unknown parameter"),
            ("CBOR that ends early", in_cbor(b"\xbf\x69Namespace"), "ends early"),
            ("no XML", request("s3", "PutBucketTagging", "PUT", "/b?tagging", "{}"), "no XML"),
            ("an unknown query", request("s3", "GetObject", "GET", "/b/k?version=1"), "'version'"),
            ("no number", request("s3", "ListObjectsV2", "GET", "/b?list-type=2&max-keys=many"), "no integer"),
            ("another path", request("cloudfront", "GetInvalidation", "GET", "/2020-05-31/distribution/E1"), "is not"),
            ("another method", request("s3", "GetObject", "POST", "/b/k"), "is not GET"),
            ("an unknown operation", as_json("dynamodb", "GetItems"), "has no operation"),
        ]:
            with self.subTest(why):
                code, said = self.judge(wrong)
                self.assertEqual(code, 1, said)
                self.assertRegex(said, want)

    def test_wrong_ones_of_the_tests(self):
        theirs = as_json("dynamodb", "GetItem")
        theirs["Status"], theirs["Header"] = 400, {"Authorization": ["AWS4-HMAC-SHA256 Credential=test"]}
        code, said = self.judge(theirs, as_json("dynamodb", "ListTables"))
        self.assertEqual(code, 0, said)
        self.assertIn("1 refused ones", said)
        theirs["Status"] = 200
        self.assertEqual(self.judge(theirs)[0], 1)

    def test_nothing(self):
        self.assertEqual(self.judge()[0], 1)


if __name__ == "__main__":
    unittest.main()
