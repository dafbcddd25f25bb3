//! Rules files by chance, of what docs/rules.md says is read. Most are right; what is wrong in the others is wrong in Starlark.

/// A source of numbers; the same seed gives the same files.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03)
    }

    fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap_or_default()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of_these<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.below(these.len())]
    }
}

/// What an expression is meant to give.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    Text,
    Number,
    Truth,
    /// A list of strings.
    Texts,
    /// A list of numbers.
    Numbers,
    /// A list of pairs of strings.
    Pairs,
    /// A list of lists of strings.
    Lists,
}

use Type::{Lists, Number, Numbers, Pairs, Text, Texts, Truth};

const TYPES: [Type; 7] = [Text, Number, Truth, Texts, Numbers, Pairs, Lists];

/// Writes a file.
pub fn file(seed: u64) -> String {
    let mut writer = Writer { chance: Chance::of(seed), names: Vec::new(), count: 0, text: String::new() };
    for _ in 0..1 + writer.chance.below(7) {
        writer.statement(0, 0);
    }
    writer.text
}

struct Writer {
    chance: Chance,
    /// Names that have a value here.
    names: Vec<(String, Type)>,
    count: usize,
    text: String,
}

impl Writer {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&"    ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn new_name(&mut self) -> String {
        self.count += 1;
        format!("n{}", self.count)
    }

    fn statement(&mut self, indent: usize, depth: usize) {
        let last = if depth < 2 { 10 } else { 7 };
        match self.chance.below(last) {
            0..3 => {
                let call = self.call();
                self.line(indent, &call);
            }
            3 | 4 => self.assignment(indent),
            5 => self.growth(indent),
            6 => self.calls(indent),
            7 | 8 => {
                let (targets, over, bound) = self.loop_head();
                self.line(indent, &format!("for {targets} in {over}:"));
                self.within(bound, |writer| writer.block(indent + 1, depth + 1));
            }
            _ => {
                let condition = self.expression(Truth, 2);
                self.line(indent, &format!("if {condition}:"));
                self.block(indent + 1, depth + 1);
                if self.chance.one_in(3) {
                    let condition = self.expression(Truth, 1);
                    self.line(indent, &format!("elif {condition}:"));
                    self.block(indent + 1, depth + 1);
                }
                if self.chance.one_in(2) {
                    self.line(indent, "else:");
                    self.block(indent + 1, depth + 1);
                }
            }
        }
    }

    /// The names of a block are forgotten after it: it may not have run.
    fn block(&mut self, indent: usize, depth: usize) {
        let known = self.names.len();
        if self.chance.one_in(12) {
            self.line(indent, "pass");
        }
        for _ in 0..1 + self.chance.below(2) {
            self.statement(indent, depth);
        }
        if !self.chance.one_in(60) {
            self.names.truncate(known);
        }
    }

    fn within<T>(&mut self, bound: Vec<(String, Type)>, run: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.names.len();
        self.names.extend(bound);
        let result = run(self);
        if !self.chance.one_in(60) {
            self.names.truncate(known);
        }
        result
    }

    fn assignment(&mut self, indent: usize) {
        if self.chance.one_in(4) {
            let (one, other) = (self.new_name(), self.new_name());
            let pair = self.pair(2);
            self.line(indent, &format!("{one}, {other} = {pair}"));
            self.names.extend([(one, Text), (other, Text)]);
            return;
        }
        let kind = self.chance.of_these(&TYPES);
        let value = self.expression(kind, 3);
        // A name may get another value.
        let same: Vec<String> = self.names.iter().filter(|(_, of)| *of == kind).map(|(name, _)| name.clone()).collect();
        let name = if !same.is_empty() && self.chance.one_in(4) {
            same[self.chance.below(same.len())].clone()
        } else {
            self.new_name()
        };
        self.line(indent, &format!("{name} = {value}"));
        self.names.push((name, kind));
    }

    fn growth(&mut self, indent: usize) {
        let kind = self.chance.of_these(&[Text, Number, Texts, Numbers, Pairs, Lists]);
        let Some(name) = self.name_of(kind) else { return self.assignment(indent) };
        let value = self.expression(kind, 2);
        self.line(indent, &format!("{name} += {value}"));
    }

    /// One of these, and once in a while what is wrong.
    fn seldom(&mut self, wrong: &'static str, right: &[&'static str]) -> &'static str {
        if self.chance.one_in(50) { wrong } else { self.chance.of_these(right) }
    }

    /// An index of something with parts, and once in a while any number.
    fn index(&mut self, depth: usize) -> String {
        if self.chance.one_in(20) { self.number(depth) } else { self.chance.of_these(&["0", "-1"]).into() }
    }

    /// An expression of this type with at least one part.
    fn full(&mut self, kind: Type, depth: usize) -> String {
        match kind {
            Text => format!("(\"k\" + {})", self.simple(Text, depth)),
            Texts => format!("([{}] + {})", self.expression(Text, depth), self.simple(Texts, depth)),
            Lists => format!("([{}] + {})", self.full(Texts, depth.saturating_sub(1)), "[[\"z\"]]"),
            Number | Truth | Numbers | Pairs => self.expression(kind, depth),
        }
    }

    fn name_of(&mut self, kind: Type) -> Option<String> {
        // Now and then one of another type.
        let any = self.chance.one_in(300);
        let fitting: Vec<&String> =
            self.names.iter().filter(|(_, of)| any || *of == kind).map(|(name, _)| name).collect();
        (!fitting.is_empty()).then(|| fitting[self.chance.below(fitting.len())].clone())
    }

    fn calls(&mut self, indent: usize) {
        let (targets, over, bound) = self.loop_head();
        let line = self.within(bound, |writer| {
            let condition = match writer.chance.one_in(3) {
                true => format!(" if {}", writer.simple(Truth, 1)),
                false => String::new(),
            };
            format!("[{} for {targets} in {over}{condition}]", writer.call())
        });
        self.line(indent, &line);
    }

    /// Names, what they go through, and their types.
    fn loop_head(&mut self) -> (String, String, Vec<(String, Type)>) {
        let kind = self.chance.of_these(&[Texts, Texts, Numbers, Pairs, Lists]);
        let over = self.simple(kind, 2);
        let name = self.new_name();
        match kind {
            Pairs => {
                let other = self.new_name();
                let bound = vec![(name.clone(), Text), (other.clone(), Text)];
                (format!("{name}, {other}"), over, bound)
            }
            Numbers => (name.clone(), over, vec![(name, Number)]),
            Lists => (name.clone(), over, vec![(name, Texts)]),
            Text | Number | Truth | Texts => (name.clone(), over, vec![(name, Text)]),
        }
    }

    fn call(&mut self) -> String {
        match self.chance.below(12) {
            0 => {
                let host = self.seldom("\"*.example\"", &["\"a.example\"", "\"A.example:80\"", "\"::1\""]);
                let protocol = self.seldom("\"ftp\"", &["\"https\"", "\"socks5_tcp\"", "\"http-connect\""]);
                let decision = self.chance.of_these(&["\"allow\"", "\"deny\"", "\"prompt\"", "\"forbidden\""]);
                format!("network_rule({host}, protocol = {protocol}, decision = {decision})")
            }
            1 => {
                let paths = self.seldom("[\"git\"]", &["[\"/bin/git\"]", "[]", "[\"/a/git\", \"/b/git\"]"]);
                format!("host_executable(name = \"git\", paths = {paths})")
            }
            _ => self.prefix_rule(),
        }
    }

    fn prefix_rule(&mut self) -> String {
        let pattern = match self.chance.below(4) {
            0 => self.full(Lists, 2),
            1 => self.full(Texts, 2),
            _ => {
                let places: Vec<String> = (0..1 + self.chance.below(3))
                    .map(|_| if self.chance.one_in(4) { self.full(Texts, 1) } else { self.expression(Text, 2) })
                    .collect();
                format!("[{}]", places.join(", "))
            }
        };
        let mut arguments = vec![match self.chance.one_in(2) {
            true => format!("pattern = {pattern}"),
            false => pattern,
        }];
        let mut is_named = arguments[0].starts_with("pattern =");
        if self.chance.one_in(2) {
            let word = self.seldom("\"deny\"", &["\"allow\"", "'prompt'", "\"forbidden\"", "\"for\" + \"bidden\""]);
            is_named |= self.chance.one_in(2);
            arguments.push(if is_named { format!("decision = {word}") } else { word.into() });
        }
        if self.chance.one_in(6) {
            let text = self.full(Text, 1);
            arguments.push(format!("justification = {text}"));
        }
        if self.chance.one_in(6) {
            let truth = self.expression(Truth, 1);
            arguments.push(format!("canonical_matching = {truth}"));
        }
        let comma = if self.chance.one_in(4) { "," } else { "" };
        format!("prefix_rule({}{comma})", arguments.join(", "))
    }

    /// An expression that may stand in front of an `if` or behind an `in`.
    fn simple(&mut self, kind: Type, depth: usize) -> String {
        format!("({})", self.expression(kind, depth))
    }

    fn pair(&mut self, depth: usize) -> String {
        let (one, other) = (self.expression(Text, depth), self.expression(Text, depth));
        match self.chance.below(3) {
            0 => format!("[{one}, {other}]"),
            _ => format!("({one}, {other})"),
        }
    }

    fn expression(&mut self, kind: Type, depth: usize) -> String {
        if self.chance.one_in(400) {
            let other = self.chance.of_these(&TYPES);
            return self.of(other, depth.saturating_sub(1));
        }
        if self.chance.one_in(4)
            && let Some(name) = self.name_of(kind)
        {
            return name;
        }
        if depth > 0 && self.chance.one_in(8) {
            let condition = self.simple(Truth, depth - 1);
            let (one, other) = (self.simple(kind, depth - 1), self.simple(kind, depth - 1));
            return format!("({one} if {condition} else {other})");
        }
        self.of(kind, depth)
    }

    fn of(&mut self, kind: Type, depth: usize) -> String {
        match kind {
            Text => self.text(depth),
            Number => self.number(depth),
            Truth => self.truth(depth),
            Texts => self.list(Text, Texts, depth),
            Numbers => self.list(Number, Numbers, depth),
            Lists => self.list(Texts, Lists, depth),
            Pairs => {
                let pairs: Vec<String> =
                    (0..self.chance.below(3)).map(|_| self.pair(depth.saturating_sub(1))).collect();
                format!("[{}]", pairs.join(", "))
            }
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 || self.chance.one_in(3) {
            return self
                .chance
                .of_these(&[
                    "\"a\"",
                    "'b'",
                    "\"git\"",
                    "\"\"",
                    "\"a b\"",
                    "r\"\\n\"",
                    "\"\\t\"",
                    "\"ä\"",
                    "\"\"\"x\"\"\"",
                    "'it\\'s'",
                    "\"A\"",
                    "\"{}\"",
                    "\"%s\"",
                    "'\"'",
                    "\"\\x41\"",
                    "\"\\u00e4\"",
                    "\"a,b,,c\"",
                    "\" a  b \"",
                ])
                .into();
        }
        match self.chance.below(11) {
            0 | 1 => format!("{} + {}", self.simple(Text, depth - 1), self.simple(Text, depth - 1)),
            2 => format!("{}[{}]", self.full(Text, depth - 1), self.index(depth - 1)),
            3 => format!("{}[{}]", self.simple(Text, depth - 1), self.slice(depth - 1)),
            4 => format!("{}[{}]", self.full(Texts, depth - 1), self.index(depth - 1)),
            5 => format!("{}.join({})", self.text(0), self.expression(Texts, depth - 1)),
            6 => format!(
                "\"{{}}-{{}}\".format({}, {})",
                self.expression(Text, depth - 1),
                self.expression(Number, depth - 1)
            ),
            7 => format!(
                "\"{{a}}{{0}}{{1}}{{{{\".format({}, 2, a = {})",
                self.expression(Text, depth - 1),
                self.number(0)
            ),
            8 => {
                format!("\"%s-%d%%\" % ({}, {})", self.expression(Text, depth - 1), self.expression(Number, depth - 1))
            }
            9 => format!("str({})", self.chance_value(depth - 1)),
            _ => match self.name_of(Text) {
                Some(name) => format!("f\"<{{{name}}}{{{{>\""),
                None => format!("{} * {}", self.simple(Text, depth - 1), self.number(0)),
            },
        }
    }

    fn chance_value(&mut self, depth: usize) -> String {
        let kind = self.chance.of_these(&[Text, Number, Truth]);
        self.expression(kind, depth)
    }

    fn slice(&mut self, depth: usize) -> String {
        let side = |writer: &mut Self| match writer.chance.one_in(3) {
            true => String::new(),
            false => writer.number(depth),
        };
        format!("{}:{}", side(self), side(self))
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.chance.one_in(2) {
            return self.chance.of_these(&["0", "1", "2", "3", "-1", "-2", "7"]).into();
        }
        match self.chance.below(6) {
            0 => format!("{} + {}", self.simple(Number, depth - 1), self.simple(Number, depth - 1)),
            1 => format!("{} - {}", self.simple(Number, depth - 1), self.simple(Number, depth - 1)),
            2 => format!("{} * {}", self.simple(Number, depth - 1), self.simple(Number, depth - 1)),
            3 => format!("len({})", self.expression(Texts, depth - 1)),
            4 => format!("len({})", self.expression(Text, depth - 1)),
            _ => format!("-{}", self.simple(Number, depth - 1)),
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 || self.chance.one_in(4) {
            return self.chance.of_these(&["True", "False"]).into();
        }
        match self.chance.below(9) {
            0 => format!("{} == {}", self.simple(Text, depth - 1), self.simple(Text, depth - 1)),
            1 => format!("{} != {}", self.simple(Number, depth - 1), self.simple(Number, depth - 1)),
            2 => format!("{} in {}", self.simple(Text, depth - 1), self.simple(Texts, depth - 1)),
            3 => format!("{} not in {}", self.simple(Text, depth - 1), self.simple(Text, depth - 1)),
            4 => format!("not {}", self.simple(Truth, depth - 1)),
            5 => format!("{} and {}", self.truth(depth - 1), self.truth(depth - 1)),
            6 => format!("{} or {}", self.truth(depth - 1), self.truth(depth - 1)),
            7 => format!("{} == {}", self.simple(Texts, depth - 1), self.simple(Texts, depth - 1)),
            _ => {
                let kind = self.chance.of_these(&TYPES);
                format!("not {}", self.simple(kind, depth - 1))
            }
        }
    }

    fn list(&mut self, element: Type, kind: Type, depth: usize) -> String {
        if depth == 0 || self.chance.one_in(2) {
            let elements: Vec<String> =
                (0..self.chance.below(4)).map(|_| self.expression(element, depth.saturating_sub(1))).collect();
            return format!("[{}]", elements.join(", "));
        }
        match (self.chance.below(6), kind) {
            (0, _) => format!("{} + {}", self.simple(kind, depth - 1), self.simple(kind, depth - 1)),
            (1, _) => format!("{}[{}]", self.simple(kind, depth - 1), self.slice(depth - 1)),
            (2, _) => format!("{} * {}", self.simple(kind, depth - 1), self.number(0)),
            (3, _) => {
                let (targets, over, bound) = self.loop_head();
                let (element, condition) = self.within(bound, |writer| {
                    let element = writer.expression(element, depth - 1);
                    let condition = match writer.chance.one_in(2) {
                        true => format!(" if {}", writer.simple(Truth, depth - 1)),
                        false => String::new(),
                    };
                    (element, condition)
                });
                format!("[{element} for {targets} in {over}{condition}]")
            }
            (4, Texts) => match self.chance.below(3) {
                0 => format!("{}.split()", self.simple(Text, depth - 1)),
                1 => format!("{}.split({})", self.simple(Text, depth - 1), self.text(0)),
                _ => format!("sorted({})", self.expression(Texts, depth - 1)),
            },
            (4, Numbers) => match self.chance.below(2) {
                0 => format!("list(range({}))", self.number(depth - 1)),
                _ => format!("list(range({}, {}))", self.number(0), self.number(0)),
            },
            _ => format!("list({})", self.expression(kind, depth - 1)),
        }
    }
}
