// Makes a JSONata of the library's: AWS's functions added, $eval taken away,
// and bounds set on what one expression may build. It gets the library and the
// host's functions, and returns what the host calls.
(function (jsonata, host) {
  'use strict';
  const maxElements = 200000, maxCharacters = 4 * 1024 * 1024, maxCompiled = 1000;
  const maxDepth = 100; // of evaluation, as AWS has it
  const maxSimple = 2000; // characters of an expression that the host may evaluate itself

  function fail(code, message) { throw {code: code, message: message}; }

  function bounded(value) {
    if (typeof value === 'string' && value.length > maxCharacters) {
      fail('Memory', 'a string has more than ' + maxCharacters + ' characters');
    }
    if (Array.isArray(value) && value.length > maxElements) {
      fail('Memory', 'an array has more than ' + maxElements + ' elements');
    }
  }

  // measure walks a value before it is written out: parts that it has several
  // times over share their memory, and may be far larger as text.
  function measure(value, strict) {
    let nodes = 0, characters = 0;
    (function walk(value, depth) {
      if (++nodes > maxElements || characters > maxCharacters || depth > 1000) fail('Memory', 'the value is too large');
      if (typeof value === 'string') { characters += value.length; return; }
      if (strict && typeof value === 'function') fail('Type', 'the result has a function in it');
      if (strict && typeof value === 'number' && !isFinite(value)) fail('Type', 'the result has a number that JSON has not');
      if (value === null || typeof value !== 'object') return;
      if (strict && (value._jsonata_lambda || value._jsonata_function)) fail('Type', 'the result has a function in it');
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) walk(value[i], depth + 1);
        return;
      }
      for (const key of Object.keys(value)) {
        characters += key.length;
        walk(value[key], depth + 1);
      }
    })(value, 0);
  }

  // RegexEngine matches in time linear in the text, or gives up: the host sees to it.
  function RegexEngine(literal) {
    this.find = host.regex(literal.source, literal.flags);
    this.lastIndex = 0;
  }
  RegexEngine.prototype.exec = function (text) {
    if (this.text !== text) { this.text = text; this.matches = this.find(text); this.from = 0; }
    if (this.lastIndex === 0) this.from = 0;
    for (; this.from < this.matches.length; this.from++) {
      const at = this.matches[this.from];
      if (at[0] < this.lastIndex) continue;
      const match = [];
      for (let i = 0; i < at.length; i += 2) match.push(at[i] < 0 ? undefined : text.substring(at[i], at[i + 1]));
      match.index = at[0];
      this.lastIndex = at[1];
      return match;
    }
    this.lastIndex = 0;
    return null;
  };

  const library = {};
  for (const name of ['pad', 'join', 'string']) {
    library[name] = jsonata('$' + name).evaluate().implementation;
  }

  function integer(n, what) {
    if (typeof n !== 'number' || !isFinite(n)) fail('Argument', what + ' is no number');
    return Math.round(n);
  }

  const functions = {
    pad: ['<s-ns?:s>', function (text, width, char) {
      if (Math.abs(width) > maxCharacters) fail('Memory', 'the width is over ' + maxCharacters);
      return library.pad.call(this, text, width, char);
    }],
    join: ['<a<s>s?:s>', function (texts, separator) {
      if (Array.isArray(texts)) {
        let characters = 0;
        for (const text of texts) {
          characters += (typeof text === 'string' ? text.length : 0) + (separator ? separator.length : 0);
          if (characters > maxCharacters) fail('Memory', 'the string would have more than ' + maxCharacters + ' characters');
        }
      }
      return library.join.call(this, texts, separator);
    }],
    string: ['<x-b?:s>', function (value, pretty) {
      measure(value, false);
      return library.string.call(this, value, pretty);
    }],
    partition: ['<a-n:a>', function (list, size) {
      if (list === undefined) return undefined;
      size = integer(size, 'the chunk size');
      if (size < 1) fail('Argument', 'the chunk size is not positive');
      const chunks = [];
      for (let i = 0; i < list.length; i += size) chunks.push(list.slice(i, i + size));
      return chunks;
    }],
    range: ['<nnn:a>', function (first, last, step) {
      first = integer(first, 'the start'); last = integer(last, 'the end'); step = integer(step, 'the step');
      if (step === 0) fail('Argument', 'the step is zero');
      if ((last - first) / step + 1 > maxElements) fail('Memory', 'the range has more than ' + maxElements + ' elements');
      const list = [];
      for (let n = first; step > 0 ? n <= last : n >= last; n += step) list.push(n);
      return list;
    }],
    hash: ['<s-s:s>', function (text, algorithm) { return text === undefined ? undefined : host.hash(text, algorithm); }],
    random: ['<n?:n>', function (seed) { return seed === undefined ? Math.random() : host.random(integer(seed, 'the seed')); }],
    uuid: ['<:s>', function () { return host.uuid(); }],
    parse: ['<s-:x>', function (text) {
      if (text === undefined) return undefined;
      try { return JSON.parse(text); } catch (e) { fail('Argument', 'the string is no JSON: ' + e.message); }
    }],
    base64encode: ['<s-:s>', function (text) { return text === undefined ? undefined : host.base64encode(text); }],
    base64decode: ['<s-:s>', function (text) { return text === undefined ? undefined : host.base64decode(text); }],
  };

  // known has the names of functions, and of what nobody assigns.
  const known = new Set(['', '$', 'states'].concat(Object.keys(functions), (
    'abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl ' +
    'decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor ' +
    'formatBase formatInteger formatNumber fromMillis join keys length lookup lowercase map match max ' +
    'merge millis min not now number pad parseInteger power random reduce replace reverse round shuffle ' +
    'sift single sort split spread sqrt string substring substringAfter substringBefore sum toMillis trim ' +
    'type uppercase zip'
  ).split(' ')));

  // The functions are made once, and handed to each expression.
  const made = {};
  (function () {
    const all = jsonata('[' + Object.keys(functions).map(function (name) { return '$' + name; }).join(',') + ']');
    for (const name of Object.keys(functions)) all.registerFunction(name, functions[name][1], functions[name][0]);
    const values = all.evaluate();
    Object.keys(functions).forEach(function (name, i) { made[name] = values[i]; });
  })();

  const compiled = new Map();

  function compile(text) {
    let expression = compiled.get(text);
    if (expression) return expression;
    expression = jsonata(text, {stack: maxDepth, sequence: maxElements, RegexEngine: RegexEngine});
    for (const name of Object.keys(made)) expression.assign(name, made[name]);
    expression.assign('eval', undefined);
    expression.assign(Symbol.for('jsonata.__evaluate_exit'), function (expr, input, environment, result) { bounded(result); });
    if (compiled.size >= maxCompiled) compiled.clear();
    compiled.set(text, expression);
    return expression;
  }

  // collect finds the variables that an expression mentions, those that it binds
  // itself, and the members of $states that it reads.
  function collect(node, found) {
    if (node === null || typeof node !== 'object') return found;
    if (node.type === 'variable' && typeof node.value === 'string') found.names[node.value] = true;
    if (node.type === 'bind') found.bound[node.lhs.value] = true;
    if (node.type === 'lambda') for (const argument of node.arguments) found.bound[argument.value] = true;
    if (node.type === 'path' && node.steps.length > 1 && node.steps[0].value === 'states' && node.steps[1].type === 'name') {
      found.states[node.steps[1].value] = true;
    }
    for (const key of Object.keys(node)) collect(node[key], found);
    return found;
  }

  // parts finds which members of $states, and which of theirs, are all that an
  // expression can see, as JSON: ["input"], ["input", "orders"]. "" is all of it:
  // also when the expression climbs to the parents of what it names ("%"), or stays
  // with them ("@").
  function parts(node, found) {
    if (node === null || typeof node !== 'object') return found;
    let children = Object.keys(node).map(function (key) { return node[key]; });
    if (node.type === 'parent' || node.focus || node.type === 'variable' && node.value === 'states') found[''] = true;
    if (node.type === 'path' && node.steps[0].type === 'variable' && node.steps[0].value === 'states') {
      const simple = function (step) { return Object.keys(step).length === 3; }; // type, value and position
      const member = node.steps[1], inner = node.steps[2];
      if (simple(node.steps[0]) && member && member.type === 'name') {
        const alone = simple(member) && inner && inner.type === 'name';
        found[alone ? JSON.stringify([member.value, inner.value]) : JSON.stringify([member.value])] = true;
        children = node.steps.slice(1).concat(children.filter(function (child) { return child !== node.steps; }));
      }
    }
    for (const child of children) parts(child, found);
    return found;
  }

  // bare finds what an expression reads from a document of its own, which it has
  // not: names, wildcards and "$" that stand at its top level.
  function bare(node, found) {
    if (!node) return found;
    const all = function (list) { for (const one of list || []) bare(one, found); };
    switch (node.type) {
      case 'path': bare(node.steps[0], found); break;
      case 'name': found[node.value] = true; break;
      case 'wildcard': found['*'] = true; break;
      case 'descendant': found['**'] = true; break;
      case 'variable': if (node.value === '' || node.value === '$') found['$' + node.value] = true; break;
      case 'binary': case 'apply': bare(node.lhs, found); bare(node.rhs, found); break;
      case 'bind': bare(node.rhs, found); break;
      case 'condition': bare(node.condition, found); bare(node.then, found); bare(node.else, found); break;
      case 'block': all(node.expressions); break;
      case 'function': case 'partial': bare(node.procedure, found); all(node.arguments); break;
      case 'unary':
        bare(node.expression, found);
        all(node.expressions);
        if (node.value === '{') for (const pair of node.lhs) all(pair);
        break;
    }
    return found;
  }

  // The library's own bounds, by the names that the host has for them.
  const bounds = {D1011: 'Stack', D2014: 'Memory', D2015: 'Memory'};

  function failure(out, error) {
    if (error === null || typeof error !== 'object') error = {message: String(error)};
    out.code = String(bounds[error.code] || error.code || error.name || 'Error');
    out.message = String(error.message || error.code || error);
    out.position = typeof error.position === 'number' ? error.position : -1;
    return out;
  }

  return {
    compile: function (text) {
      try {
        const ast = compile(text).ast(), found = collect(ast, {names: {}, bound: {}, states: {}});
        return {
          names: Object.keys(found.names), states: Object.keys(found.states), bare: Object.keys(bare(ast, {})),
          free: Object.keys(found.names).filter(function (name) { return !found.bound[name] && !known.has(name); }),
          parts: Object.keys(parts(ast, {})),
          ast: text.length > maxSimple ? undefined : JSON.stringify(ast),
        };
      } catch (e) { return failure({}, e); }
    },
    evaluate: function (text, input, bindings) {
      const out = {}, values = {};
      try {
        for (const name of Object.keys(bindings)) values[name] = JSON.parse(bindings[name]);
        const result = compile(text).evaluate(input === null ? undefined : JSON.parse(input), values);
        if (result !== undefined) {
          measure(result, true);
          out.result = JSON.stringify(result);
        }
      } catch (e) { failure(out, e); }
      return out;
    },
  };
})
