//! Which commands are patches, and which only look like them.

use super::super::{from_shell, from_shell_text};

const PATCH: &str = "*** Begin Patch\n*** Delete File: a\n*** End Patch\n";

/// The folder and the patch of a script, `P` standing for a patch's text in it.
fn read(script: &str) -> Option<(Option<String>, String)> {
    from_shell_text(&script.replace('P', PATCH)).map(|found| (found.folder, found.patch))
}

#[test]
fn patches_are_recognised() {
    let patch = || PATCH.to_owned();
    let plain = |script| assert_eq!(read(script), Some((None, patch())), "{script}");
    let inside = |script, folder: &str| assert_eq!(read(script), Some((Some(folder.into()), patch())), "{script}");
    plain("apply_patch <<'EOF'\nPEOF\n");
    plain("apply_patch <<'EOF'\nPEOF");
    plain("  applypatch << \"X\"\nPX\n\n");
    plain("apply_patch <<EOF\nPEOF\n");
    plain("apply_patch 'P'");
    plain("apply_patch \"P\" \n");
    inside("cd sub && apply_patch <<'EOF'\nPEOF\n", "sub");
    inside("cd 'a b' &&\n apply_patch <<'EOF'\nPEOF\n", "a b");
    inside("cd \"/a b\"&& apply_patch 'P'", "/a b");
    inside("cd ../x-1.0 && apply_patch 'P'", "../x-1.0");
}

#[test]
fn anything_more_stays_a_command() {
    let scripts = [
        "",
        "apply_patch",
        "apply_patch a.patch",
        "echo hi; apply_patch <<'EOF'\nPEOF\n",
        "apply_patch <<'EOF'\nPEOF\nrm -rf /\n",
        "apply_patch <<'EOF' && rm x\nPEOF\n",
        "apply_patch <<'EOF' > out\nPEOF\n",
        "apply_patch <<'EOF'\nP EOF\n",
        "apply_patch <<'EOF'\nP",
        "apply_patch <<-'EOF'\nPEOF\n",
        "apply_patch <<EOF\n$(id)\nPEOF\n",
        "apply_patch <<EOF\n`id`\nPEOF\n",
        "apply_patch <<'E'OF\nPEOF\n",
        "apply_patch 'P' 'P'",
        "apply_patch 'P'; id",
        "apply_patch 'P'&",
        "apply_patch 'P'x",
        "apply_patch \"$(id)P\"",
        "apply_patch'P'",
        "apply_patches 'P'",
        "./apply_patch 'P'",
        "cat <<'EOF' | apply_patch\nPEOF\n",
        "cd a; apply_patch 'P'",
        "cd a || apply_patch 'P'",
        "cd a && cd b && apply_patch 'P'",
        "cd && apply_patch 'P'",
        "cd - && apply_patch 'P'",
        "cd ~ && apply_patch 'P'",
        "cd $HOME && apply_patch 'P'",
        "cd \"$HOME\" && apply_patch 'P'",
        "cd a* && apply_patch 'P'",
        "cd a b && apply_patch 'P'",
        "cda && apply_patch 'P'",
        "X=1 apply_patch 'P'",
    ];
    for script in scripts {
        assert_eq!(read(script), None, "{script}");
    }
}

#[test]
fn words_of_a_command_are_read() {
    let read = |argv: &[&str]| from_shell(&argv.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let script = format!("apply_patch <<'EOF'\n{PATCH}EOF\n");
    for argv in [["bash", "-lc", &script], ["/bin/sh", "-c", &script], ["zsh", "-lc", &script]] {
        assert_eq!(read(&argv).map(|found| found.patch).as_deref(), Some(PATCH));
    }
    assert_eq!(read(&["apply_patch", PATCH]).map(|found| found.patch).as_deref(), Some(PATCH));
    assert_eq!(read(&["apply_patch"]), None);
    assert_eq!(read(&["apply_patch", PATCH, "x"]), None);
    assert_eq!(read(&["python", "-c", &script]), None);
    assert_eq!(read(&["bash", "-x", &script]), None);
    assert_eq!(read(&["bash", "-lc", &script, "x"]), None);
    assert_eq!(read(&[]), None);
}
