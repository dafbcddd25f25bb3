//! Calls that make rules. What stands before a mistake in one is kept.

use super::{
    Parser, Wrong,
    tree::{Argument, Call, Function},
};

impl<'a> Parser<'a> {
    /// Reads the arguments of a call, whose name has been taken.
    pub(super) fn call(&mut self, function: Function, at: usize) -> (Call<'a>, Option<Wrong>) {
        let mut arguments = Vec::new();
        self.skip();
        let wrong = self
            .expect("(", "Expected the `(` of the call here.")
            .and_then(|()| self.in_brackets(|parser| parser.arguments(function, &mut arguments)))
            .err();
        let end = if wrong.is_none() { self.scanner.at() } else { self.scanner.next_call(at) };
        (Call { function, arguments, at, end, is_broken: wrong.is_some() }, wrong)
    }

    /// Reads the rest of `(...)`. An argument that the call does not have is told when all are read.
    fn arguments(&mut self, function: Function, arguments: &mut Vec<Argument<'a>>) -> Result<(), Wrong> {
        let mut unknown = None;
        loop {
            self.skip();
            if self.scanner.take(")") {
                return unknown.map_or(Ok(()), Err);
            }
            let at = self.scanner.at();
            let parameter = match self.scanner.name_of_argument() {
                Some(name) => named(function, name, at),
                None => {
                    let found = function.parameters().get(arguments.len()).copied();
                    found.ok_or_else(|| Wrong::new("There are too many arguments here.", at))
                }
            };
            let value = self.expression()?;
            match parameter {
                Err(wrong) => unknown = unknown.or(Some(wrong)),
                Ok(parameter) if arguments.iter().any(|given| given.parameter == parameter) => {
                    unknown = unknown.or_else(|| Some(Wrong::new(format!("`{parameter}` is given twice."), at)));
                }
                Ok(parameter) => arguments.push(Argument { parameter, value }),
            }
            self.skip();
            let at = self.scanner.at();
            if !self.scanner.take(",") && self.scanner.peek() != Some(')') {
                return Err(Wrong::new("Expected a comma or the `)` of the call here.", at));
            }
        }
    }
}

fn named(function: Function, name: &str, at: usize) -> Result<&'static str, Wrong> {
    let parameters = function.parameters();
    parameters.iter().copied().find(|parameter| *parameter == name).ok_or_else(|| {
        let known = parameters.join(", ");
        Wrong::new(format!("`{name}` is not an argument of this call; it takes {known}."), at)
    })
}
