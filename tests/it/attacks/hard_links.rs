//! Files of the workspace that have another name outside, as package managers link them out of their caches.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use super::{
    runner::{Ground, everywhere, in_every_mode},
    scene::{Call, shell},
};

fn linked(ground: &Ground, outside: &str, inside: &str) {
    let outside = ground.bed.file(&format!("home/{outside}"), "theirs");
    let inside = ground.work().join(inside);
    fs::create_dir_all(inside.parent().unwrap()).unwrap();
    fs::hard_link(outside, inside).unwrap();
}

#[test]
fn a_file_outside_is_not_changed_through_its_name_inside() {
    let ways = [
        "echo evil >> .venv/lib/wheel.py",
        "echo evil > .venv/lib/wheel.py",
        "truncate -s 0 .venv/lib/wheel.py",
        "chmod 777 .venv/lib/wheel.py",
        "touch -d 2000-01-01 .venv/lib/wheel.py",
        "sed -i s/theirs/evil/ .venv/lib/wheel.py",
        "dd if=/dev/zero of=.venv/lib/wheel.py bs=1 count=1 conv=notrunc",
        "ln .venv/lib/wheel.py mine; chmod 777 mine; echo evil >> mine",
        "mv .venv/lib/wheel.py mine2; echo evil >> mine2",
        "mv .venv v; echo evil >> v/lib/wheel.py",
        "mv .venv/lib .venv/l; echo evil >> .venv/l/wheel.py",
        "exec 3<> .venv/lib/wheel.py; echo evil >&3",
        "ln ~/.bashrc mine3 && echo evil >> mine3",
        "ln .git/config mine4 && echo evil >> mine4",
        "echo evil >> one",
    ];
    in_every_mode(|ground| {
        linked(ground, ".cache/uv/wheel.py", ".venv/lib/wheel.py");
        linked(ground, "dotfiles/one", "one");
        ground.bed.file("home/.bashrc", "mine");
        ground.bed.file("home/work/.git/config", "");
        ground.bed.file("home/work/pair/a", "a");
        fs::hard_link(ground.work().join("pair/a"), ground.work().join("b")).unwrap();
        let calls: Vec<Call> = ways.map(shell).to_vec();
        ground.exec_in_turn(&calls);
        ground.is_unharmed();
        if ground.mode == "workspace-write" {
            let told = ground.exec_in_turn(&[
                shell("echo more >> b; echo new > .venv/lib/new.py; rm .venv/lib/new.py; echo done"),
                shell("echo evil >> one"),
            ]);
            assert!(told[0].contains("code 0") && !told[0].contains("hard links"), "{}", told[0]);
            assert_eq!(fs::read_to_string(ground.work().join("pair/a")).unwrap(), "amore\n");
            assert!(told[1].contains("Note: Commands cannot change") && told[1].contains("hard links"), "{}", told[1]);
        }
    });
}

#[test]
fn many_of_them_stop_nothing_and_stay_as_they_are() {
    everywhere(|ground| {
        for at in 0..400 {
            linked(ground, &format!("store/{at}"), &format!("node_modules/.pnpm/p{at}/index.js"));
        }
        linked(ground, "dotfiles/one", "one");
        ground.bed.file("home/work/node_modules/.vite/cache", "");
        let told = ground.exec_in_turn(&[
            shell("for f in node_modules/.pnpm/*/index.js one; do echo evil >> $f; chmod 777 $f; done"),
            shell("echo new > new; echo new > node_modules/.vite/cache; rm new"),
        ]);
        assert!(told[1].contains("code 0"), "{}", told[1]);
    });
}

/// Who says that a folder within the workspace may be written by name means what is in it.
#[test]
fn a_folder_that_was_named_for_it_may_be_written() {
    everywhere(|ground| {
        linked(ground, "store/a", "node_modules/a");
        ground.forgive("home/store");
        let folder = ground.work().join("node_modules");
        let setting = format!("sandbox_workspace_write.writable_roots=[\"{}\"]", folder.display());
        ground.options = vec!["-c".to_owned(), setting];
        let told = ground.exec(&[shell("echo more >> node_modules/a")]);
        assert!(told[0].contains("code 0"), "{}", told[0]);
        assert_eq!(fs::read_to_string(ground.bed.path("home/store/a")).unwrap(), "theirsmore\n");
    });
}

#[test]
fn the_bits_of_a_program_do_not_outlive_a_change_of_it() {
    everywhere(|ground| {
        let tool = ground.bed.file("home/work/tool", "#!/bin/sh\n");
        ground.begin();
        fs::set_permissions(&tool, Permissions::from_mode(0o6755)).unwrap();
        let told = ground.exec(&[shell("echo evil >> tool")]);
        assert!(told[0].contains("code 0"), "{}", told[0]);
        assert_eq!(fs::metadata(&tool).unwrap().permissions().mode() & 0o6000, 0);
    });
}
