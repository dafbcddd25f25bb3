//! Widths of the clusters that programs get wrong, and cutting at them.

use proptest::prelude::*;

use super::*;

#[test]
fn a_cluster_is_as_wide_as_it_shows() {
    for (text, cells) in [
        ("", 0),
        ("plain text", 10),
        ("é", 1),
        ("e\u{301}", 1),
        ("\u{301}", 0),
        ("漢字", 4),
        ("한글", 4),
        ("ｶﾅ", 2),
        ("😀", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇩🇪🇫🇷", 4),
        ("❤\u{fe0f}", 2),
        ("1\u{fe0f}\u{20e3}", 2),
        ("\u{200d}", 0),
        ("a\u{200b}b", 2),
        ("a\tb\r\nc\u{1b}\u{7f}\u{85}", 3),
    ] {
        assert_eq!(cell_width(text), cells, "{text:?}");
    }
}

#[test]
fn terminals_disagree_about_some() {
    for (cluster, most, is_unsure, is_ambiguous) in [
        ("a", 1, false, false),
        ("漢", 2, false, false),
        ("한", 2, false, false),
        ("⚠\u{fe0f}", 2, true, false),
        ("✔\u{fe0e}", 1, true, false),
        ("1\u{fe0f}\u{20e3}", 2, true, false),
        ("👨\u{200d}👩\u{200d}👧", 6, true, false),
        ("👍🏽", 4, true, false),
        ("🇩🇪", 4, true, false),
        ("🇩", 2, true, false),
        ("क्ष", 2, true, false),
        ("e\u{301}", 1, true, false),
        ("✅", 2, true, false),
        ("🫩", 2, true, false),
        ("─", 2, false, true),
        ("…", 2, false, true),
        ("я", 1, false, false),
    ] {
        let found = (most_width(cluster), super::is_unsure(cluster), super::is_ambiguous(cluster));
        assert_eq!(found, (most, is_unsure, is_ambiguous), "{cluster:?}");
    }
}

#[test]
fn clusters_have_places() {
    let clusters: Vec<_> =
        graphemes("a👍🏽\r\ne\u{301}").map(|cluster| (cluster.at, cluster.text, cluster.width)).collect();
    assert_eq!(clusters, [(0, "a", 1), (1, "👍🏽", 2), (9, "\r\n", 0), (11, "e\u{301}", 1)]);
}

#[test]
fn a_prefix_holds_whole_clusters() {
    assert_eq!(take_width("漢字", 3), "漢");
    assert_eq!(take_width("a👨‍👩‍👧‍👦b", 2), "a");
    assert_eq!(take_width("e\u{301}e\u{301}", 1), "e\u{301}");
    assert_eq!(take_width("abc", 3), "abc");
    assert_eq!(take_width("abc", 0), "");
}

#[test]
fn what_is_cut_says_so() {
    assert_eq!(truncate_width("abcdef", 6), "abcdef");
    assert_eq!(truncate_width("abcdef", 5), "abcd…");
    assert_eq!(truncate_width("漢字漢字", 4), "漢…");
    assert_eq!(truncate_width("abc", 1), "…");
    assert_eq!(truncate_width("abc", 0), "");
    assert_eq!(truncate_width("", 0), "");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_short_way_for_ascii_segments_alike(text in r"([ -~\r\n\te\u{301}\u{200d}\u{fe0f}\u{600}👩🇩🇪한\u{1100}字]|\PC){0,24}") {
        let ours: Vec<&str> = graphemes(&text).map(|cluster| cluster.text).collect();
        let theirs: Vec<&str> = text.graphemes(true).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn cutting_keeps_to_the_width(text in r"[ -~e\u{301}👩\u{200d}🇩🇪字]{0,24}", cols in 0_usize..20) {
        let taken = take_width(&text, cols);
        prop_assert!(cell_width(taken) <= cols);
        prop_assert!(text.starts_with(taken));
        let cut = truncate_width(&text, cols);
        prop_assert!(cell_width(&cut) <= cols);
        prop_assert_eq!(cut == text, cell_width(&text) <= cols);
    }
}
