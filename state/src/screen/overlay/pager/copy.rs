//! What is copied of an item: its text as it was written, not as it is painted.

use crate::{
    item::{Item, ItemKind, PatchFile, Plan, StepStatus},
    text::head_tail::HeadTail,
};

/// The text of an item; `None` where there is none.
pub(in crate::screen) fn text(item: &Item) -> Option<String> {
    let text = match &item.kind {
        ItemKind::User(input) => input.text.clone(),
        ItemKind::Agent { text, .. } => text.clone(),
        ItemKind::Reasoning { parts } => parts.join("\n\n"),
        ItemKind::Command(command) => format!("$ {}\n{}", command.command.trim_end(), kept(&command.output)),
        ItemKind::Patch(patch) => diff(patch.files.iter()),
        ItemKind::Diff(changes) => diff(changes.files.iter().map(|changed| &changed.file)),
        ItemKind::Plan(plan) => steps(plan),
        ItemKind::Questions(asked) => {
            let answers = asked.answers.iter().flatten().map(Some).chain(std::iter::repeat(None));
            let pairs = asked.questions.iter().zip(answers);
            let lines = pairs.flat_map(|(asked, answer)| [Some(&asked.question), answer].into_iter().flatten());
            lines.cloned().collect::<Vec<_>>().join("\n")
        }
        ItemKind::Input(input) => input.output.clone().unwrap_or_default(),
        ItemKind::Image(image) => image.path.clone(),
        ItemKind::Permissions(permissions) => permissions.arguments.clone(),
        ItemKind::WebSearch(search) => search.done.clone(),
        ItemKind::Call(call) => format!("{} {}\n{}", call.name, call.arguments, call.output.as_deref().unwrap_or("")),
        ItemKind::Note { text, .. } => text.clone(),
        ItemKind::TurnEnd { .. } => String::new(),
    };
    let text = text.trim_end();
    if text.is_empty() { None } else { Some(text.to_owned()) }
}

/// What was kept of an output, with a row for what was not.
fn kept(output: &HeadTail) -> String {
    match output.omitted_bytes {
        0 => format!("{}{}", output.head, output.tail),
        bytes => format!("{}\n… {bytes} bytes were not kept …\n{}", output.head, output.tail),
    }
}

fn diff<'a>(files: impl Iterator<Item = &'a PatchFile>) -> String {
    let mut text = String::new();
    for file in files {
        let (old, new) = (&file.path, file.move_to.as_ref().unwrap_or(&file.path));
        text.push_str(&format!("--- {old}\n+++ {new}\n"));
        for hunk in &file.hunks {
            text.push_str(
                &hunk.starts.map_or_else(|| "@@\n".to_owned(), |(old, new)| format!("@@ -{old} +{new} @@\n")),
            );
            text.push_str(&hunk.body);
        }
    }
    text
}

fn steps(plan: &Plan) -> String {
    let step = |step: &crate::item::PlanStep| {
        let sign = match step.status {
            StepStatus::Completed => 'x',
            StepStatus::InProgress | StepStatus::Pending => ' ',
        };
        format!("- [{sign}] {}\n", step.step.trim())
    };
    let explanation = plan.explanation.iter().map(|words| format!("{}\n\n", words.trim()));
    explanation.chain(plan.steps.iter().map(step)).collect()
}

/// The blocks of code of an answer, without their fences.
pub(super) fn code(item: &Item) -> Vec<String> {
    let ItemKind::Agent { text, .. } = &item.kind else { return Vec::new() };
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((indent, fence)) = fence(line) else { continue };
        let mut block = String::new();
        for line in lines.by_ref() {
            let inner = line.trim_start_matches(' ');
            let closes = inner.trim_end();
            if closes.len() >= fence.len() && closes.bytes().all(|byte| fence.as_bytes().first() == Some(&byte)) {
                break;
            }
            let own = line.len() - inner.len();
            block.push_str(line.get(own.min(indent)..).unwrap_or_default());
            block.push('\n');
        }
        blocks.push(block.trim_end_matches('\n').to_owned());
    }
    blocks
}

/// The fence that a line opens, and the blanks before it: those of a list, too.
fn fence(line: &str) -> Option<(usize, &str)> {
    let inner = line.trim_start_matches([' ', '>']);
    let sign = inner.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let rest = inner.trim_start_matches(sign);
    let fence = inner.strip_suffix(rest)?;
    (fence.len() >= 3 && !(sign == '`' && rest.contains('`'))).then_some((line.len() - inner.len(), fence))
}

#[cfg(test)]
mod tests {
    use super::{code, text};
    use crate::{
        item::{Item, ItemKind},
        key::ItemId,
    };

    fn answer(text: &str) -> Item {
        let kind = ItemKind::Agent { text: text.to_owned(), phase: None, cut: false };
        Item { id: ItemId(1), revision: 0, open: false, kind }
    }

    #[test]
    fn blocks_of_code_come_without_fences() {
        let cases: [(&str, &[&str]); 6] = [
            ("no code, `one` word", &[]),
            ("```rust\nlet a = 1;\n\n    b();\n```\ntext\n~~~\nc\n~~~\n", &["let a = 1;\n\n    b();", "c"]),
            ("- item\n\n  ```sh\n  ls\n    -l\n  ```\n", &["ls\n  -l"]),
            ("````md\n```\ninner\n```\n````\n", &["```\ninner\n```"]),
            ("```\nopen to the end", &["open to the end"]),
            ("```` inline ```` fence", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(code(&answer(text)), wanted, "{text}");
        }
    }

    #[test]
    fn an_item_without_words_has_no_text() {
        assert_eq!(text(&answer(" \n")), None);
        assert_eq!(text(&answer("a *b*\n")).as_deref(), Some("a *b*"));
    }
}
