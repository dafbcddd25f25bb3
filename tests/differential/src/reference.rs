//! What the `starlark` crate makes of a rules file: the three calls are functions of the program, as in the Codex CLI.

use std::{cell::RefCell, collections::BTreeMap};

use anyhow::{Result, bail};
use quire_state::rules::{NetworkRule, Ruling};
use starlark::{
    any::ProvidesStaticType,
    environment::{GlobalsBuilder, Module},
    eval::Evaluator,
    starlark_module,
    syntax::{AstModule, Dialect},
    values::{Value, list::ListRef, list::UnpackList, none::NoneType},
};

use crate::Outcome;

/// What the calls have made, and the examples of each rule: whether it must match, and the words.
#[derive(Debug, Default, ProvidesStaticType)]
struct Store {
    made: RefCell<Outcome>,
    examples: RefCell<Vec<(usize, bool, Vec<String>)>>,
}

/// Reads a file; the error is why it is refused.
pub fn read(text: &str) -> Result<Outcome, String> {
    evaluate(text).map_err(|error| format!("{error:#}"))
}

fn evaluate(text: &str) -> Result<Outcome> {
    let dialect = Dialect { enable_f_strings: true, ..Dialect::Extended };
    let tree = AstModule::parse("f.rules", text.to_owned(), &dialect).map_err(starlark::Error::into_anyhow)?;
    let globals = GlobalsBuilder::standard().with(calls).build();
    let store = Store::default();
    Module::with_temp_heap(|module| {
        let mut evaluator = Evaluator::new(&module);
        evaluator.extra = Some(&store);
        evaluator.eval_module(tree, &globals).map(drop).map_err(starlark::Error::into_anyhow)
    })?;
    let made = store.made.into_inner();
    for (rule, must_match, words) in store.examples.into_inner() {
        let pattern = &made.prefixes[rule].0;
        let does = words.len() >= pattern.len() && pattern.iter().zip(&words).all(|(place, word)| place.contains(word));
        if does != must_match {
            bail!("an example disagrees: {words:?}");
        }
    }
    Ok(made)
}

fn store<'e>(evaluator: &Evaluator<'_, 'e, '_>) -> &'e Store {
    evaluator.extra.and_then(|extra| extra.downcast_ref::<Store>()).expect("it was given")
}

fn strings(value: Value<'_>) -> Result<Vec<String>> {
    let Some(list) = ListRef::from_value(value) else { bail!("no list: {value}") };
    list.iter().map(text).collect()
}

fn text(value: Value<'_>) -> Result<String> {
    value.unpack_str().map(str::to_owned).ok_or_else(|| anyhow::anyhow!("no string: {value}"))
}

fn ruling(word: &str, forbidding: &[&str]) -> Result<Ruling> {
    match word {
        "allow" => Ok(Ruling::Allow),
        "prompt" => Ok(Ruling::Prompt),
        _ if forbidding.contains(&word) => Ok(Ruling::Forbidden),
        _ => bail!("no decision: {word}"),
    }
}

fn justified(words: Option<&str>) -> Result<Option<String>> {
    match words {
        Some(words) if words.trim().is_empty() => bail!("an empty justification"),
        words => Ok(words.map(str::to_owned)),
    }
}

fn examples(values: Option<UnpackList<Value<'_>>>) -> Result<Vec<Vec<String>>> {
    let mut examples = Vec::new();
    for value in values.into_iter().flat_map(|values| values.items) {
        // The files of this test hold nothing that a shell would read otherwise.
        let words = match value.unpack_str() {
            Some(line) => line.split_whitespace().map(str::to_owned).collect(),
            None => strings(value)?,
        };
        if words.is_empty() {
            bail!("an empty example");
        }
        examples.push(words);
    }
    Ok(examples)
}

#[starlark_module]
fn calls(builder: &mut GlobalsBuilder) {
    fn prefix_rule<'v>(
        pattern: UnpackList<Value<'v>>,
        decision: Option<&'v str>,
        r#match: Option<UnpackList<Value<'v>>>,
        not_match: Option<UnpackList<Value<'v>>>,
        justification: Option<&'v str>,
        canonical_matching: Option<bool>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> anyhow::Result<NoneType> {
        let mut places = Vec::new();
        for value in pattern.items {
            let words = if value.unpack_str().is_some() { vec![text(value)?] } else { strings(value)? };
            if words.is_empty() {
                bail!("an empty place");
            }
            places.push(words);
        }
        if places.is_empty() {
            bail!("an empty pattern");
        }
        let ruling = decision.map_or(Ok(Ruling::Allow), |word| ruling(word, &["forbidden"]))?;
        let rule = (places, ruling, justified(justification)?, canonical_matching.unwrap_or_default());
        let store = store(eval);
        let mut made = store.made.borrow_mut();
        let at = made.prefixes.len();
        for (must_match, values) in [(true, r#match), (false, not_match)] {
            let examples = examples(values)?.into_iter().map(|words| (at, must_match, words));
            store.examples.borrow_mut().extend(examples);
        }
        made.prefixes.push(rule);
        Ok(NoneType)
    }

    fn network_rule<'v>(
        host: &'v str,
        protocol: &'v str,
        decision: &'v str,
        justification: Option<&'v str>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> anyhow::Result<NoneType> {
        if host.is_empty() || host.contains(['/', '*', '?', '@']) || host.contains(char::is_whitespace) {
            bail!("no host: {host}");
        }
        let protocol = match protocol {
            "https_connect" | "http-connect" => "https",
            "http" | "https" | "socks5_tcp" | "socks5_udp" => protocol,
            _ => bail!("no protocol: {protocol}"),
        };
        let rule = NetworkRule {
            host: host.to_ascii_lowercase(),
            protocol: protocol.to_owned(),
            ruling: ruling(decision, &["deny", "forbidden"])?,
            justification: justified(justification)?,
        };
        store(eval).made.borrow_mut().networks.push(rule);
        Ok(NoneType)
    }

    fn host_executable<'v>(
        name: &'v str,
        paths: UnpackList<&'v str>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> anyhow::Result<NoneType> {
        if name.is_empty() || name.contains('/') {
            bail!("no name: {name}");
        }
        let paths: Vec<String> = paths.items.into_iter().map(str::to_owned).collect();
        if !paths.iter().all(|path| path.starts_with('/') && path.rsplit('/').next() == Some(name)) {
            bail!("no paths of {name}: {paths:?}");
        }
        store(eval).made.borrow_mut().executables.insert(name.to_owned(), paths);
        Ok(NoneType)
    }
}

/// Names and their values, in the order of the names.
pub type Executables = BTreeMap<String, Vec<String>>;
