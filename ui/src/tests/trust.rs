//! The question about what a trusted folder brings.

use quire_state::{
    Model,
    rules::{PrefixRule, RulesFile, load},
    screen::{Choice, Overlay, Trust},
    trust::{NewFile, News},
};

use super::{screens::screens, support::*};

const MAKE: &str = "# What our builds need.\nprefix_rule(\n    pattern = [\"make\", [\"test\", \"lint\"]],\n    decision = \"allow\",\n    \
                    justification = \"It only builds.\",\n)\n";

fn file(name: &str, is_changed: bool, text: &str) -> NewFile {
    NewFile { name: format!(".codex/rules/{name}"), is_changed, text: text.to_owned() }
}

fn news(files: Vec<NewFile>) -> News {
    News { folder: "/home/ada/src/engine".to_owned(), files, ..News::default() }
}

fn lost() -> Vec<PrefixRule> {
    let text = "prefix_rule(pattern=[\"git\", \"push\"], decision=\"forbidden\")\n\
                prefix_rule(pattern=[\"curl\"], decision=\"prompt\")\n";
    load(&[RulesFile { path: "x".to_owned(), text: text.to_owned() }]).rules.prefixes
}

fn ask(model: &mut Model, news: News) {
    model.engine.news = Some(Box::new(news));
    screen(model).open(Overlay::Trust(Trust::new(true)));
}

#[test]
fn rules_that_are_new() {
    screens("trust_new", |model| ask(model, news(vec![file("build.rules", false, MAKE)])));
}

#[test]
fn rules_that_changed_and_are_long() {
    let long: String = (1..=60).map(|number| format!("prefix_rule(pattern = [\"tool-{number}\"])\n")).collect();
    screens("trust_changed", |model| {
        ask(model, News { lost: lost(), ..news(vec![file("a.rules", true, &long), file("b.rules", false, MAKE)]) });
        let mut trust = Trust::new(true);
        trust.question.scrolled = 20;
        trust.choices.mark(&Choice::Use);
        screen(model).open(Overlay::Trust(trust));
    });
}

#[test]
fn another_repository() {
    screens("trust_another", |model| {
        ask(model, News { is_another: true, ..news(vec![file("build.rules", false, MAKE)]) });
    });
}

#[test]
fn what_is_no_longer_forbidden() {
    screens("trust_lost", |model| ask(model, News { lost: lost(), ..news(Vec::new()) }));
}

#[test]
fn what_does_not_print_is_shown() {
    let text = "prefix_rule(pattern = [\"ma\u{202e}ke\"])\r\n\u{1b}[2Jx\tprefix_rule(pattern = [\"m\u{430}ke\"])";
    screens("trust_odd", |model| ask(model, news(vec![file("\u{1b}]0;x\u{7}.rules", false, text)])));
}

#[test]
fn what_does_not_fit_is_not_shown() {
    let mut small = model(40, 12);
    ask(&mut small, news(vec![file("build.rules", false, MAKE)]));
    assert!((1..12).contains(&scene(&small).shown.rows()));
    screen(&mut small).size.rows = 3;
    assert_eq!((scene(&small).question, scene(&small).shown.rows()), (Some(0), 0));
}
