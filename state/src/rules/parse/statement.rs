//! Statements and blocks, and how reading goes on behind a mistake.

use super::{
    BLOCKS, Parser, Wrong,
    expression::LAST_COMMA,
    literal, refused,
    tree::{Function, Node, Statement, Targets},
};

const END: &str = "Expected the end of the line after this statement.";

impl<'a> Parser<'a> {
    /// Reads the lines that are indented this far, to the first that is less so. What is indented further than a
    /// statement that could not be read belongs to it, and is told no more.
    pub(super) fn block(&mut self, width: usize, statements: &mut Vec<Statement<'a>>) {
        let mut is_behind_mistake = false;
        loop {
            self.scanner.skip_blank();
            self.start = self.scanner.at();
            let found_width = self.scanner.width(self.start);
            if self.scanner.is_at_end() || found_width < width {
                return;
            }
            let is_further = found_width > width;
            if is_further && !is_behind_mistake {
                self.note(Wrong::new("This line is indented, but no block begins above it.", self.start));
            }
            is_behind_mistake = is_further;
            let was_quiet = self.is_quiet;
            self.is_quiet |= is_further;
            let mut found = Vec::new();
            if let Err(wrong) = self.line(found_width, &mut found) {
                self.note(wrong);
                is_behind_mistake = true;
                self.scanner.resume_after(self.start);
            }
            self.is_quiet = was_quiet;
            if is_further {
                statements.push(Statement::Found(found));
            } else {
                statements.extend(found);
            }
        }
    }

    /// Reads the statements of a line, with their blocks.
    fn line(&mut self, width: usize, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        match self.scanner.peek_name() {
            Some("for") => self.for_loop(width, statements),
            Some("if") => self.conditional_blocks(width, statements),
            _ => self.simple_statements(statements),
        }
    }

    fn for_loop(&mut self, width: usize, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        self.scanner.take_word("for");
        let targets = self.targets_of_loop()?;
        let over = self.expression()?;
        self.expect(":", "Expected the `:` of the `for` here.")?;
        let mut block = Vec::new();
        let result = self.suite(width, &mut block);
        statements.push(Statement::For { targets, over, block });
        result
    }

    fn conditional_blocks(&mut self, width: usize, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        let mut result = self.branch("if", width, &mut branches);
        while result.is_ok() {
            self.scanner.skip_blank();
            let at = self.scanner.at();
            if self.scanner.width(at) != width {
                break;
            }
            match self.scanner.peek_name() {
                Some("elif") => {
                    self.start = at;
                    result = self.branch("elif", width, &mut branches);
                }
                Some("else") => {
                    self.start = at;
                    self.scanner.take_word("else");
                    result = self.expect(":", "Expected the `:` of the `else` here.");
                    result = result.and_then(|()| self.suite(width, &mut otherwise));
                    break;
                }
                _ => break,
            }
        }
        statements.push(Statement::If { branches, otherwise });
        result
    }

    fn branch(
        &mut self,
        word: &str,
        width: usize,
        branches: &mut Vec<(Node<'a>, Vec<Statement<'a>>)>,
    ) -> Result<(), Wrong> {
        self.scanner.take_word(word);
        let condition = self.expression()?;
        self.expect(":", &format!("Expected the `:` of the `{word}` here."))?;
        let mut block = Vec::new();
        let result = self.suite(width, &mut block);
        branches.push((condition, block));
        result
    }

    /// Reads what belongs to a header: the rest of its line, or the block below it.
    fn suite(&mut self, width: usize, block: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        self.scanner.skip_in_line();
        if !(self.scanner.is_at_end() || self.scanner.rest().starts_with('\n')) {
            return self.simple_statements(block);
        }
        self.scanner.skip_blank();
        let at = self.scanner.at();
        let block_width = self.scanner.width(at);
        if self.scanner.is_at_end() || block_width <= width {
            return Err(Wrong::new("Expected an indented line here; `pass` does nothing.", at));
        }
        if self.blocks >= BLOCKS {
            return Err(Wrong::new("Blocks are nested too deeply here.", at));
        }
        self.blocks += 1;
        self.block(block_width, block);
        self.blocks -= 1;
        Ok(())
    }

    /// Reads statements with `;` between them to the end of their line.
    fn simple_statements(&mut self, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        loop {
            self.simple_statement(statements)?;
            self.scanner.skip_in_line();
            let is_more = self.scanner.take(";");
            self.scanner.skip_in_line();
            if self.scanner.is_at_end() || self.scanner.take("\n") {
                return Ok(());
            }
            if !is_more {
                // What is wrong with the statement comes of this.
                let last = statements.pop();
                statements.extend(last.map(|last| Statement::Found(vec![last])));
                return Err(Wrong::new(END, self.scanner.at()));
            }
        }
    }

    fn simple_statement(&mut self, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        let at = self.scanner.at();
        if literal::is_here(&self.scanner) {
            return literal::read(self).map(drop);
        }
        if self.scanner.peek() == Some('[') {
            return self.calls_in_comprehension(statements);
        }
        let Some(name) = self.scanner.name() else {
            return Err(Wrong::new("Expected a call such as prefix_rule(...) here.", at));
        };
        if let Some(function) = Function::named(name) {
            return self.rule(function, at, statements);
        }
        if name == "pass" {
            return Ok(());
        }
        self.scanner.skip_in_line();
        let rest = self.scanner.rest();
        let is_assigned = rest.starts_with([',', '=']) && !rest.starts_with("==");
        if !refused::is_name(name) || !(is_assigned || rest.starts_with("+=")) {
            let is_grown = [".append", ".extend"].iter().any(|method| rest.starts_with(method));
            let message = if is_grown { refused::method("append") } else { refused::statement(name) };
            return Err(Wrong::new(message, at));
        }
        if self.scanner.take("+=") {
            let value = self.expressions()?;
            statements.push(Statement::Extend { name, at, value });
            return Ok(());
        }
        self.assignment(name, at, statements)
    }

    /// Reads a call to the end of its statement: what stands behind it on the line is a mistake of the call.
    fn rule(&mut self, function: Function, at: usize, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        let (mut call, mut wrong) = self.call(function, at);
        self.scanner.skip_in_line();
        let is_at_end = self.scanner.is_at_end() || self.scanner.rest().starts_with(['\n', ';']);
        if wrong.is_none() && !is_at_end {
            wrong = Some(Wrong::new(END, self.scanner.at()));
            call.is_broken = true;
            call.end = self.scanner.next_call(at);
        }
        statements.push(Statement::Rule(call));
        wrong.map_or(Ok(()), Err)
    }

    fn assignment(&mut self, name: &'a str, at: usize, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        let targets = self.targets(name, at)?;
        self.expect("=", "Expected the `=` of these names here.")?;
        self.scanner.skip_in_line();
        if self.is_at_calls() {
            return self.calls_in_comprehension(statements);
        }
        let value = self.expressions()?;
        statements.push(Statement::Assign { targets, value });
        Ok(())
    }

    /// Whether `[prefix_rule` stands here, which makes rules and no value worth a name.
    fn is_at_calls(&self) -> bool {
        let Some(inner) = self.scanner.rest().strip_prefix('[') else { return false };
        let inner = inner.trim_start();
        Function::ALL.iter().any(|function| {
            let after = inner.strip_prefix(function.name()).map(str::trim_start);
            after.is_some_and(|after| after.starts_with('('))
        })
    }

    /// Reads `[prefix_rule(...) for x in xs]`.
    fn calls_in_comprehension(&mut self, statements: &mut Vec<Statement<'a>>) -> Result<(), Wrong> {
        let open = self.scanner.at();
        self.scanner.take("[");
        self.scanner.skip_blank();
        let at = self.scanner.at();
        let Some(function) = self.scanner.name().and_then(Function::named) else {
            let message = "Expected a call such as prefix_rule(...) here, or [prefix_rule(...) for x in xs].";
            return Err(Wrong::new(message, open));
        };
        self.in_brackets(|parser| {
            let (mut call, mut wrong) = parser.call(function, at);
            let mut clauses = Vec::new();
            if wrong.is_none() {
                match parser.clauses() {
                    Ok(found) => clauses = found,
                    Err(mistake) => wrong = Some(mistake),
                }
            }
            if wrong.is_none() {
                let message = "Expected the `for` or the `]` of the comprehension here.";
                wrong = parser.expect("]", message).err();
            }
            if wrong.is_none() && clauses.is_empty() {
                wrong = Some(Wrong::new("A list of calls needs a `for`; a single call stands on its own.", open));
            }
            call.is_broken |= wrong.is_some();
            statements.push(Statement::Each { call, clauses });
            wrong.map_or(Ok(()), Err)
        })
    }

    /// Reads the names of a loop and its `in`.
    pub(super) fn targets_of_loop(&mut self) -> Result<Targets<'a>, Wrong> {
        self.skip();
        let open = self.scanner.take("(");
        self.skip();
        let at = self.scanner.at();
        let name = self.name_of_value()?;
        let targets = self.targets(name, at)?;
        if open {
            self.expect(")", "Expected the `)` of these names here.")?;
        }
        self.skip();
        let at = self.scanner.at();
        if self.scanner.take_word("in") {
            return Ok(targets);
        }
        Err(Wrong::new("Expected the `in` of the `for` here.", at))
    }

    /// Reads `, b, c` behind the first name.
    fn targets(&mut self, first: &'a str, at: usize) -> Result<Targets<'a>, Wrong> {
        let mut names = vec![first];
        let mut is_unpacked = false;
        loop {
            self.skip();
            if !self.scanner.take(",") {
                return Ok(Targets { names, is_unpacked, at });
            }
            is_unpacked = true;
            self.skip();
            if self.scanner.peek_name().is_some_and(|name| name != "in") {
                let name = self.name_of_value()?;
                names.push(name);
            } else if self.scanner.peek() != Some(')') {
                return Err(Wrong::new(LAST_COMMA, self.scanner.at()));
            }
        }
    }

    fn name_of_value(&mut self) -> Result<&'a str, Wrong> {
        let at = self.scanner.at();
        let name = self.scanner.name().filter(|name| refused::is_name(name));
        name.ok_or_else(|| Wrong::new("Expected a name for a value here.", at))
    }
}
