//! What the user chooses in a panel, or names behind a slash command.

use std::sync::Arc;

use quire_state::{
    Op,
    cmd::{Effect, HostEffect, Refusal, StoreEffect},
    config::{ApprovalPolicy, ConfigEdit, Layer, SandboxMode, SealedLayers, Source},
    engine::thread::settings::SettingsChange,
    fault::{Fault, FaultKind},
    key::Key,
    msg::{HostReport, KeyCode, KeyPress, Msg, Report, StoreReport},
    screen::{Models, Overlay, Permissions, overlay::permissions::Preset},
    theme_file::ThemeFile,
};

use crate::{lab::Lab, undo::say};

fn toast(lab: &Lab) -> &str {
    lab.model.screen.as_ref().unwrap().toast.as_ref().map_or("", |(line, _)| line)
}

fn popup(lab: &Lab) -> Option<&Overlay> {
    lab.model.screen.as_ref().unwrap().popup()
}

fn models(lab: &Lab) -> &Models {
    let Some(Overlay::Models(models)) = popup(lab) else { panic!("the choice of a model") };
    models
}

/// The newest request to save settings.
fn saving(lab: &Lab) -> (Key, Vec<ConfigEdit>) {
    let mut saved = lab.effects.iter().rev().filter_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::SaveConfig { edits, .. }) => Some((key.clone(), edits.clone())),
        _ => None,
    });
    saved.next().unwrap()
}

fn permissions(lab: &Lab) -> &Permissions {
    let Some(Overlay::Permissions(permissions)) = popup(lab) else { panic!("the choice of permissions") };
    permissions
}

/// Model, effort and context window from the next turn on.
fn works_with(lab: &Lab) -> (&str, Option<&str>, Option<u64>) {
    let config = &lab.thread().settings.config;
    (&config.model, config.effort.as_deref(), config.context_window)
}

fn may(lab: &Lab) -> (SandboxMode, ApprovalPolicy) {
    let config = &lab.thread().settings.config;
    (config.sandbox, config.approval)
}

#[test]
fn a_model_is_chosen_by_up_and_down_and_the_effort_by_left_and_right() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/model");
    assert_eq!(models(&lab).models.marked().map(String::as_str), Some(works_with(&lab).0));
    lab.press(KeyCode::Down);
    lab.press(KeyCode::End);
    lab.press(KeyCode::Home);
    lab.press(KeyCode::Down);
    let wanted = models(&lab).models.marked().unwrap().clone();
    lab.press(KeyCode::Right);
    lab.press(KeyCode::Right);
    lab.press(KeyCode::Right);
    lab.press(KeyCode::Right);
    lab.press(KeyCode::Left);
    assert_eq!(models(&lab).chosen_effort(), Some("high"));
    // A letter does nothing here, and comes into no draft.
    lab.type_text("x");
    lab.press(KeyCode::Enter);
    assert_eq!((popup(&lab).is_none(), lab.draft()), (true, String::new()));
    assert_eq!(works_with(&lab), (wanted.as_str(), Some("high"), Some(272_000)));
    let (key, edits) = saving(&lab);
    assert_eq!(
        edits,
        [ConfigEdit::set(&["model"], wanted.as_str()), ConfigEdit::set(&["model_reasoning_effort"], "high")]
    );
    assert_eq!(toast(&lab), "", "nothing is said to be saved before it is");
    let path = "/home/u/.codex/config.toml".to_owned();
    lab.send(Msg::Report(key, Report::Store(StoreReport::Saved { path })));
    assert!(toast(&lab).starts_with(&format!("{wanted} high from the next turn on. Saved in ")), "{}", toast(&lab));
    lab.submit("go");
    assert_eq!((lab.request().1.model.as_str(), lab.request().1.effort.as_deref()), (wanted.as_str(), Some("high")));
}

#[test]
fn a_model_is_chosen_for_the_session_alone() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/model");
    lab.press(KeyCode::Down);
    let wanted = models(&lab).models.marked().unwrap().clone();
    lab.type_text("s");
    assert_eq!((popup(&lab).is_none(), works_with(&lab).0), (true, wanted.as_str()));
    assert!(toast(&lab).ends_with("in this session."), "{}", toast(&lab));
    assert!(!lab.effects.iter().any(|(_, effect)| matches!(effect, Effect::Store(StoreEffect::SaveConfig { .. }))));
}

#[test]
fn what_a_profile_sets_is_saved_in_the_profile_and_a_failure_is_said() {
    for (file, path) in [("/h/config.toml", "profiles.work.model"), ("/h/work.config.toml", "model")] {
        let mut lab = Lab::interactive();
        let source = Source::Profile { name: "work".to_owned(), path: Some(file.to_owned()) };
        set_layers(&mut lab, Layer::new(source).with(&["model"], "gpt-5.5"));
        say(&mut lab, "/model");
        lab.press(KeyCode::Down);
        lab.press(KeyCode::Enter);
        let (key, edits) = saving(&lab);
        assert_eq!(edits[0].path.to_string(), path);
        let fault = Fault::new(FaultKind::Storage, "Nothing was saved: /h/config.toml:3:1: This is not TOML.");
        lab.send(Msg::Report(key, Report::Failed(fault)));
        assert!(toast(&lab).contains("config.toml:3:1"), "{}", toast(&lab));
    }
}

#[test]
fn esc_changes_nothing_and_what_is_everywhere_works_over_a_panel() {
    let mut lab = Lab::interactive();
    let before = lab.thread().settings.clone();
    for command in ["/model", "/permissions"] {
        say(&mut lab, command);
        lab.press(KeyCode::Down);
        lab.press(KeyCode::Right);
        lab.key(KeyPress::ctrl('l'));
        assert!(popup(&lab).is_some());
        lab.press(KeyCode::Esc);
        assert!(popup(&lab).is_none());
    }
    assert_eq!(lab.thread().settings, before);
    assert_eq!(lab.requests(), 0);
}

#[test]
fn a_model_is_named_behind_the_command() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/model gpt-5.4 xhigh");
    assert_eq!(works_with(&lab), ("gpt-5.4", Some("xhigh"), Some(272_000)));
    say(&mut lab, "/model gpt-5.4 huge");
    assert!(toast(&lab).contains("none, minimal, low, medium, high, xhigh, max, ultra"), "{}", toast(&lab));
    say(&mut lab, "/model gpt-5.4 low now");
    assert!(toast(&lab).contains("/model NAME EFFORT"), "{}", toast(&lab));
    assert_eq!(works_with(&lab), ("gpt-5.4", Some("xhigh"), Some(272_000)));
}

#[test]
fn what_is_not_configured_follows_the_model() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/model gpt-5.4");
    assert_eq!(works_with(&lab), ("gpt-5.4", Some("medium"), Some(272_000)));
    say(&mut lab, "/model llama-3");
    assert_eq!(works_with(&lab), ("llama-3", None, None));
    let user = Layer::new(Source::User { path: "/home/u/.codex/config.toml".to_owned() });
    set_layers(&mut lab, user.with(&["model_context_window"], 64_000_u64));
    say(&mut lab, "/model gpt-5.4");
    assert_eq!(works_with(&lab), ("gpt-5.4", Some("medium"), Some(64_000)));
}

fn set_layers(lab: &mut Lab, layer: Layer) {
    let id = lab.id();
    let thread = lab.model.engine.threads.get_mut(&id).unwrap();
    Arc::make_mut(&mut thread.settings).layers = Arc::new(SealedLayers::default().with(&layer));
}

#[test]
fn permissions_are_chosen_in_the_panel_and_what_is_wider_says_so() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/approval on-request");
    assert_eq!(may(&lab), (SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest));
    say(&mut lab, "/permissions");
    assert_eq!(permissions(&lab).rows.marked(), Some(&Preset::Ask));
    lab.type_text("1");
    assert_eq!(permissions(&lab).rows.marked(), Some(&Preset::ReadOnly));
    lab.press(KeyCode::Enter);
    assert_eq!(may(&lab), (SandboxMode::ReadOnly, ApprovalPolicy::OnRequest));
    assert!(toast(&lab).starts_with("Changed from the next turn on"), "{}", toast(&lab));
    say(&mut lab, "/permissions");
    lab.type_text("3");
    assert_eq!(may(&lab).0, SandboxMode::ReadOnly, "a number only marks");
    lab.press(KeyCode::Enter);
    assert_eq!(may(&lab), (SandboxMode::DangerFullAccess, ApprovalPolicy::Never));
    assert!(
        toast(&lab).starts_with("Wider") && toast(&lab).contains("no sandbox, nothing is asked"),
        "{}",
        toast(&lab)
    );
}

#[test]
fn permissions_are_named_behind_the_commands() {
    let mut lab = Lab::interactive();
    let expected = [
        ("/permissions approval=never sandbox=read-only", SandboxMode::ReadOnly, ApprovalPolicy::Never),
        ("/approval untrusted", SandboxMode::ReadOnly, ApprovalPolicy::Untrusted),
        ("/sandbox workspace-write", SandboxMode::WorkspaceWrite, ApprovalPolicy::Untrusted),
        ("/sandbox off", SandboxMode::WorkspaceWrite, ApprovalPolicy::Untrusted),
        ("/approval ask", SandboxMode::WorkspaceWrite, ApprovalPolicy::Untrusted),
        ("/permissions approval=on-request sandbox=all", SandboxMode::WorkspaceWrite, ApprovalPolicy::Untrusted),
    ];
    for (line, sandbox, approval) in expected {
        say(&mut lab, line);
        assert_eq!(may(&lab), (sandbox, approval), "{line}");
        assert!(!toast(&lab).is_empty() && popup(&lab).is_none(), "{line}");
    }
    say(&mut lab, "/sandbox");
    // It works under none of the rows, and nothing wide is marked.
    assert_eq!(permissions(&lab).rows.marked(), Some(&Preset::ReadOnly));
}

#[test]
fn what_an_administrator_has_set_is_not_changed_and_the_reason_is_told() {
    let mut lab = Lab::interactive();
    let managed = Layer::new(Source::Managed { path: "/etc/codex/managed_config.toml".to_owned() });
    set_layers(&mut lab, managed.with(&["sandbox_mode"], "workspace-write").with(&["model"], "gpt-5.5"));
    say(&mut lab, "/sandbox danger-full-access");
    assert_eq!(may(&lab).0, SandboxMode::WorkspaceWrite);
    assert!(toast(&lab).contains("an administrator sets sandbox_mode"), "{}", toast(&lab));
    assert!(toast(&lab).contains("/etc/codex/managed_config.toml"), "{}", toast(&lab));
    say(&mut lab, "/model gpt-5.4");
    assert_eq!(works_with(&lab).0, "gpt-5.5");
    // The rest can be changed, and saying what holds anyway is no change.
    say(&mut lab, "/permissions sandbox=workspace-write approval=untrusted");
    assert_eq!(may(&lab), (SandboxMode::WorkspaceWrite, ApprovalPolicy::Untrusted));
}

#[test]
fn the_sandbox_is_not_opened_while_it_is_asked_whether_the_folder_is_trusted() {
    let mut lab = crate::trust::asked(quire_state::boot::Open::New);
    let id = lab.id();
    Arc::make_mut(&mut lab.model.engine.threads.get_mut(&id).unwrap().settings).config_mut().sandbox =
        SandboxMode::ReadOnly;
    let change = |sandbox| SettingsChange { sandbox: Some(sandbox), ..SettingsChange::default() };
    let refused = lab.op(Op::ChangeSettings { thread: id.clone(), change: change(SandboxMode::WorkspaceWrite) });
    let Err(Refusal::Invalid(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("whether this folder is trusted"), "{why}");
    lab.op(Op::ChangeSettings { thread: id, change: change(SandboxMode::ReadOnly) }).unwrap();
    lab.trust(false).unwrap();
    let change = change(SandboxMode::WorkspaceWrite);
    lab.op(Op::ChangeSettings { thread: lab.id(), change }).unwrap();
    assert_eq!(may(&lab).0, SandboxMode::WorkspaceWrite);
}

#[test]
fn a_theme_is_chosen_in_the_panel_or_by_name_and_saved() {
    let theme = |lab: &Lab| lab.model.screen.as_ref().unwrap().tui.theme.clone();
    let mut lab = Lab::interactive();
    say(&mut lab, "/theme");
    lab.press(KeyCode::Down);
    assert_eq!(theme(&lab), None, "the screen changes with Enter");
    lab.press(KeyCode::Esc);
    say(&mut lab, "/theme");
    lab.press(KeyCode::End);
    lab.press(KeyCode::Enter);
    assert_eq!(theme(&lab).as_deref(), Some("zenburn"));
    assert_eq!(saving(&lab).1, [ConfigEdit::set(&["tui", "theme"], "zenburn")]);
    say(&mut lab, "/theme Nord");
    assert_eq!(
        (theme(&lab).as_deref(), &saving(&lab).1[..]),
        (Some("nord"), &[ConfigEdit::set(&["tui", "theme"], "nord")][..])
    );
    say(&mut lab, "/theme norf");
    themes_are_read(&mut lab, &[], &[]);
    assert!(toast(&lab).contains("Did you mean nord?"), "{}", toast(&lab));
    say(&mut lab, "/theme status");
    assert!(toast(&lab).starts_with("Theme nord."), "{}", toast(&lab));
    say(&mut lab, "/theme default");
    assert_eq!(theme(&lab), None);
    assert!(saving(&lab).1.contains(&ConfigEdit::clear(&["tui", "theme"])));
}

/// The files of the user's themes are read, as they were asked for.
fn themes_are_read(lab: &mut Lab, names: &[&str], faults: &[&str]) {
    let asked = lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Host(HostEffect::Themes { folder }) => Some((key.clone(), folder.clone())),
        _ => None,
    });
    let (key, folder) = asked.unwrap();
    assert!(folder.ends_with("/themes"), "{folder}");
    let file = |name: &&str| Arc::new(ThemeFile { name: (*name).to_owned(), ..ThemeFile::default() });
    let files = names.iter().map(file).collect();
    let faults = faults.iter().map(|fault| (*fault).to_owned()).collect();
    lab.send(Msg::Report(key, Report::Host(HostReport::Themes { files, faults })));
}

#[test]
fn the_users_own_themes_are_offered_and_used_by_name() {
    let theme = |lab: &Lab| lab.model.screen.as_ref().unwrap().tui.theme.clone();
    let mut lab = Lab::interactive();
    say(&mut lab, "/theme");
    lab.press(KeyCode::Down);
    themes_are_read(&mut lab, &["Own", "Zest"], &["/h/themes/odd.tmTheme:3: No."]);
    let Some(Overlay::Themes(open)) = lab.model.screen.as_ref().unwrap().overlays.last() else { panic!("closed") };
    assert_eq!(open.rows.marked(), Some(&Some("quire-dark".to_owned())), "the mark stays");
    assert_eq!(open.faults.len(), 1);
    lab.press(KeyCode::End);
    lab.press(KeyCode::Enter);
    assert_eq!(theme(&lab).as_deref(), Some("Zest"));
    say(&mut lab, "/theme own");
    themes_are_read(&mut lab, &["Own"], &[]);
    assert_eq!(theme(&lab).as_deref(), Some("Own"));
    assert_eq!(saving(&lab).1, [ConfigEdit::set(&["tui", "theme"], "Own")]);
    say(&mut lab, "/theme odd");
    themes_are_read(&mut lab, &["Own"], &["/h/themes/odd.tmTheme:3: No."]);
    assert_eq!((theme(&lab).as_deref(), toast(&lab)), (Some("Own"), "/h/themes/odd.tmTheme:3: No."));
    say(&mut lab, "/theme ownn");
    themes_are_read(&mut lab, &["own"], &[]);
    assert!(toast(&lab).contains("Did you mean own?"), "{}", toast(&lab));
}

#[test]
fn items_of_the_status_line_and_the_title_are_switched_moved_and_saved() {
    let tui = |lab: &Lab| lab.model.screen.as_ref().unwrap().tui.clone();
    let mut lab = Lab::interactive();
    say(&mut lab, "/statusline");
    lab.press(KeyCode::Right);
    lab.type_text(" ");
    lab.press(KeyCode::End);
    lab.type_text(" ");
    lab.press(KeyCode::Left);
    assert_eq!(tui(&lab).status_line, None, "the row changes with Enter");
    lab.press(KeyCode::Enter);
    let chosen = ["current-dir", "permissions", "task-progress", "context-remaining"];
    assert_eq!(tui(&lab).status_line.unwrap(), chosen);
    assert_eq!(saving(&lab).1, [ConfigEdit::set(&["tui", "status_line"], chosen.map(str::to_owned).to_vec())]);
    say(&mut lab, "/title app-name, model session-id");
    assert_eq!(tui(&lab).title.unwrap(), ["app-name", "model", "session-id"]);
    say(&mut lab, "/title modle");
    assert!(toast(&lab).contains("no item modle. Did you mean model?"), "{}", toast(&lab));
    say(&mut lab, "/title status");
    assert!(toast(&lab).contains("app-name, model, session-id"), "{}", toast(&lab));
    say(&mut lab, "/title off");
    assert_eq!(
        (tui(&lab).title, saving(&lab).1),
        (Some(Vec::new()), vec![ConfigEdit::set(&["tui", "terminal_title"], Vec::<String>::new())])
    );
    say(&mut lab, "/title default");
    assert_eq!((tui(&lab).title, saving(&lab).1), (None, vec![ConfigEdit::clear(&["tui", "terminal_title"])]));
}

#[test]
fn fast_mode_is_switched_for_later_turns() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/fast status");
    assert_eq!(toast(&lab), "Fast mode is off.");
    say(&mut lab, "/fast");
    assert_eq!(
        (toast(&lab), lab.thread().settings.config.service_tier.as_deref()),
        ("Fast mode is on.", Some("priority"))
    );
    assert_eq!(lab.thread().settings.layers.resolve().config.service_tier.as_deref(), Some("priority"));
    say(&mut lab, "/fast on");
    assert_eq!(toast(&lab), "Fast mode is on.");
    lab.submit("go");
    assert_eq!(lab.request().1.service_tier.as_deref(), Some("priority"));
    say(&mut lab, "/fast off");
    assert_eq!(
        (toast(&lab), lab.thread().settings.config.service_tier.as_deref()),
        ("Fast mode is off.", Some("default"))
    );
}
