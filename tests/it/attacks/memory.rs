//! Files that are small on disk and large in memory: images, and rules of what git ignores.

use serde_json::json;

use super::scene::{Call, peak, shell, stand, terminal};
use crate::{
    sandbox::stand::{Stand, User},
    work::told,
};

/// What a repository brings.
type Plan<'a> = Box<dyn Fn(&Stand) + 'a>;

/// Most that the program may take above what it takes idle.
const MOST: u64 = 256 << 20;

/// Has the model make the calls; what it was told, and by how much the memory grew at most.
fn told_and_grown(stand: &mut Stand, calls: &[Call]) -> (Vec<String>, u64) {
    let mut terminal = terminal(stand, (100, 40), &[], calls);
    let before = peak(&terminal);
    terminal.shows("It is over.");
    let grown = peak(&terminal) - before;
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    (told(&stand.bed), grown)
}

/// A grey photograph of any size: every block of it takes two bits. `frame` is 0xc0 for one scan, 0xc2 for several.
fn jpeg(width: u16, height: u16, frame: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    bytes.extend([1; 64]);
    bytes.extend([0xff, frame, 0, 17, 8]);
    bytes.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    bytes.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    for table in [0x00, 0x10] {
        bytes.extend([0xff, 0xc4, 0, 20, table, 1]);
        bytes.extend([0; 16]);
    }
    bytes.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let blocks = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8)) * 3;
    bytes.resize(bytes.len() + blocks.div_ceil(4) + 16, 0);
    bytes.extend([0xff, 0xd9]);
    bytes
}

#[test]
fn images_take_bounded_memory_or_are_refused_with_a_sentence() {
    let mut stand = stand(User::Own);
    let work = "home/work";
    stand.bed.file(&format!("{work}/wide.jpg"), jpeg(30_000, 2_000, 0xc0));
    stand.bed.file(&format!("{work}/scans.jpg"), jpeg(8_000, 6_000, 0xc2));
    stand.bed.file(&format!("{work}/square.jpg"), jpeg(8_000, 8_000, 0xc0));
    let gif = [
        &b"GIF89a"[..],
        &8000_u16.to_le_bytes(),
        &8000_u16.to_le_bytes(),
        b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0",
        &8000_u16.to_le_bytes(),
        &8000_u16.to_le_bytes(),
        b"\0\x02\x02L\x01\0;",
    ]
    .concat();
    stand.bed.file(&format!("{work}/canvas.gif"), gif);
    let names = ["wide.jpg", "scans.jpg", "square.jpg", "canvas.gif"];
    let calls: Vec<Call> = names.iter().map(|name| ("view_image", json!({ "path": name }))).collect();
    for (name, call) in names.iter().zip(calls) {
        let (told, grown) = told_and_grown(&mut stand, &[call]);
        assert!(grown < MOST, "{name}: {} MiB", grown >> 20);
        // What was refused says what to do; the first one is made smaller.
        if *name != "wide.jpg" {
            assert!(told[0].contains("pixels") && told[0].contains("Make it smaller"), "{name}: {told:?}");
        }
    }
}

#[test]
fn rules_of_what_git_ignores_take_bounded_memory() {
    let patterns = |count: usize| (0..count).map(|at| format!("**/a{at}*b?[c-e]/*x{at}\n")).collect::<String>();
    let megabyte = patterns(1 << 15);
    let bomb = format!("{}b\n", "*a".repeat(500_000));
    let plans: [(&str, Plan<'_>); 4] = [
        (
            "a megabyte in two places",
            Box::new(|stand: &Stand| {
                stand.bed.file("home/work/.git/info/exclude", &megabyte);
                stand.bed.file("home/work/sub/.gitignore", &megabyte);
            }),
        ),
        (
            "ten thousand files",
            Box::new(|stand: &Stand| {
                for at in 0..10_000 {
                    stand.bed.file(&format!("home/work/d{at}/.gitignore"), "*a*b?[c-e]*x\n!**/y*z\n");
                    std::fs::create_dir(stand.bed.path(&format!("home/work/d{at}/inner"))).unwrap();
                }
            }),
        ),
        ("a bomb in one line", Box::new(|stand: &Stand| drop(stand.bed.file("home/work/.gitignore", &bomb)))),
        (
            "very many files that are ignored",
            Box::new(|stand: &Stand| {
                stand.bed.file("home/work/.gitignore", "*.o\n");
                for at in 0..200_000 {
                    let path = stand.bed.path(&format!("home/work/{at}.o"));
                    std::fs::File::create(path).unwrap();
                }
            }),
        ),
    ];
    for (what, plan) in plans {
        let mut stand = stand(User::Own);
        stand.bed.file("home/work/.git/HEAD", "ref: refs/heads/main\n");
        stand.bed.file("home/work/sub/kept", "old\n");
        plan(&stand);
        let (told, grown) = told_and_grown(&mut stand, &[shell("echo new > sub/kept; echo a > sub/axb")]);
        assert!(told[0].contains("Process exited with code 0"), "{what}: {told:?}");
        assert!(grown < MOST, "{what}: {} MiB", grown >> 20);
    }
}
