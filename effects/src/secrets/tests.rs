use proptest::prelude::*;
use quire_state::{
    config::{Layer, Source},
    secrets::named,
};
use serde_json::json;

use super::*;

const KEY: &str = "sk-proj/A+b=c d42";

fn secrets(values: &[&str]) -> Secrets {
    let logins: Vec<Secret> = values.iter().map(|value| Secret::new(*value)).collect();
    Secrets::gather(&Named::default(), &Environment::default(), &logins)
}

/// What comes out of a stream that is cut into these pieces.
fn streamed<'a>(secrets: &Secrets, pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let (mut veil, mut clean) = (secrets.veil(), Vec::new());
    pieces.into_iter().for_each(|piece| veil.feed(piece, &mut clean));
    veil.finish(&mut clean);
    String::from_utf8(clean).unwrap()
}

#[test]
fn every_spelling_goes() {
    let secrets = secrets(&[KEY]);
    for text in [
        KEY,
        "sk-proj%2FA%2Bb%3Dc%20d42",
        "sk-proj%2fA%2bb%3dc%20d42",
        "736b2d70726f6a2f412b623d6320643432",
        "sk-proj\\/A+b=c d42",
    ] {
        assert_eq!(secrets.clean(&format!("({text})")), "([secret])", "{text}");
    }
    for before in ["", "u", "u:", "us:"] {
        use base64::Engine;
        let hidden = base64::engine::general_purpose::STANDARD.encode(format!("{before}{KEY}:tail"));
        let cleaned = secrets.clean(&hidden);
        assert!(cleaned.contains(MARK) && cleaned.len() < hidden.len(), "{before}: {cleaned}");
    }
    assert_eq!(secrets.clean("sk-proj is no key"), "sk-proj is no key");
}

#[test]
fn what_overlaps_goes_whole() {
    let secrets = secrets(&["abcdefgh", "abcdefghijkl", "ghijklmnopq"]);
    assert_eq!(secrets.clean("-abcdefgh-"), "-[secret]-");
    assert_eq!(secrets.clean("-abcdefghijkl-"), "-[secret]-");
    assert_eq!(secrets.clean("-abcdefghijklmnopq-"), "-[secret]-");
    assert_eq!(secrets.clean("abcdefgh abcdefgh"), "[secret] [secret]");
}

#[test]
fn most_of_one_at_the_end_goes_too() {
    let secrets = secrets(&["canary-key-4711"]);
    assert_eq!(secrets.clean("a canary-key"), "a [secret]");
    assert_eq!(secrets.clean("a canary"), "a canary");
}

proptest! {
    #[test]
    fn any_cut_gives_the_same(
        text in "(canary-key-4711|canary-key|aaaaaaaab|a|b|ü| |cana){0,30}",
        cuts in prop::collection::vec(0usize..400, 0..40),
    ) {
        let secrets = secrets(&["canary-key-4711", "aaaaaaaab", "key-4711canary", "üaüaüaüa"]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (text.len() + 1)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]);
        let whole = streamed(&secrets, [text.as_bytes()]);
        prop_assert_eq!(streamed(&secrets, pieces), whole.clone());
        prop_assert_eq!(secrets.clean(&text), whole.as_str());
        for secret in ["canary-key-4711", "aaaaaaaab"] {
            prop_assert!(!whole.contains(secret), "{}", whole);
        }
    }
}

#[test]
fn a_pause_lets_out_a_letter_and_not_a_key() {
    let secrets = secrets(&["canary-key-4711"]);
    let (mut veil, mut clean) = (secrets.veil(), Vec::new());
    veil.feed(b"go on? (yes/c", &mut clean);
    assert!(veil.is_holding());
    veil.pause(&mut clean);
    assert_eq!(clean, b"go on? (yes/c");
    veil.feed(b"anary-k", &mut clean);
    veil.pause(&mut clean);
    assert_eq!(clean, b"go on? (yes/c");
    veil.feed(b"ey-4711!", &mut clean);
    veil.finish(&mut clean);
    assert_eq!(clean, b"go on? (yes/c[secret]!");
}

#[test]
fn what_nearly_fits_again_and_again_takes_no_longer() {
    let secrets = secrets(&[&format!("{}b", "a".repeat(4000))]);
    let text = "a".repeat(4_000_000);
    assert_eq!(secrets.clean(&text).len(), text.len() - 4000 + MARK.len());
}

#[test]
fn values_come_from_everywhere() {
    let layer = Layer::new(Source::CommandLine).with(
        &[],
        json!({
            "model_providers": {"a": {"env_key": "A_KEY", "http_headers": {"Authorization": "Basic dXNlcjpwYXNzLWNhbmFyeQ=="}}},
            "mcp_servers": {"m": {"env": {"DB_URL": "postgres://me:word-canary@db/x"}}},
        }),
    );
    let environment = Environment::of([
        ("A_KEY", "key-canary"),
        ("CODEX_OTHER_TOKEN", "token-canary"),
        ("https_proxy", "socks5h://me:pr%40xy-canary@10.0.0.1:1080"),
        ("PATH", "/usr/bin:/bin"),
        ("OPENAI_API_KEY", "not-needed"),
        ("FREE", "nothing-canary"),
    ]);
    let secrets = Secrets::gather(&named([&layer]), &environment, &[Secret::new("login-canary")]);
    for text in [
        "key-canary",
        "token-canary",
        "pr%40xy-canary",
        "pr@xy-canary",
        "bWU6cHJAeHktY2FuYXJ5",
        "pass-canary",
        "word-canary",
        "login-canary",
    ] {
        assert_eq!(secrets.clean(text), MARK, "{text}");
    }
    for text in ["/usr/bin:/bin", "not-needed", "nothing-canary"] {
        assert_eq!(secrets.clean(text), text);
    }

    let kept =
        |name: &str, value: &str| secrets.kept(name.as_ref(), value.as_ref()).map(|value| value.into_string().unwrap());
    assert_eq!(kept("A_KEY", "anything"), None);
    assert_eq!(kept("CODEX_NEW_TOKEN", "x"), None);
    assert_eq!(kept("COPY", "x key-canary y"), None);
    assert_eq!(kept("FREE", "free").as_deref(), Some("free"));
    assert_eq!(kept("PATH", "/home/key-canary/bin").as_deref(), Some("/home/key-canary/bin"));
    for (given, expected) in [
        ("http://me:other@proxy:3128", "http://proxy:3128"),
        ("socks5://me:a/b@c@proxy", "socks5://proxy"),
        ("me:other@proxy:3128", "proxy:3128"),
        ("http://proxy:3128/", "http://proxy:3128/"),
    ] {
        assert_eq!(kept("all_proxy", given).as_deref(), Some(expected), "{given}");
    }
    assert!(!format!("{secrets:?}").contains("canary"));
}

#[test]
fn lines_of_json_stay_json() {
    let secrets = secrets(&["quo\"te-canary", "canary-key"]);
    assert_eq!(&*secrets.clean_line(b"{\"a\":1}\n"), b"{\"a\":1}\n");
    let line = json!({"canary-key": ["x quo\"te-canary", 1], "b": "canary-key"}).to_string() + "\n";
    let clean = secrets.clean_line(line.as_bytes()).into_owned();
    let value: Value = serde_json::from_slice(&clean).unwrap();
    assert_eq!(value, json!({"canary-key": ["x [secret]", 1], "b": "[secret]"}));
    assert!(clean.ends_with(b"\n"));
}

#[test]
fn letters_that_json_spells_by_their_number_are_seen() {
    let secrets = secrets(&["sk-tést/😀-0123456789"]);
    for (json, has) in [
        (r#"{"cmd": "echo sk-t\u00e9st\/\ud83d\ude00-0123456789"}"#, true),
        (r#"{"cmd": "echo \u0073\u006b-t\u00E9st/😀-012345678\u0039"}"#, true),
        (r#"{"cmd": "\ud83d\u0073k-t\u00e9st\/\ud83d\ud83d\ude00-0123456789"}"#, true),
        (r#"{"cmd": "\ud83d\u0073k-t\u00e9st\/\ud83d\ude00-0123456789"}"#, true),
        (r#"{"cmd": "echo sk-t\nst \u00 \q \"#, false),
    ] {
        assert_eq!(secrets.are_meant_in(json), has, "{json}");
    }
}

#[test]
fn a_secret_that_is_learnt_is_kept_in_all_clones_and_streams_that_run_go_on() {
    let secrets = secrets(&["first-canary"]);
    let (clone, mut veil, mut clean) = (secrets.clone(), secrets.veil(), Vec::new());
    veil.feed(b"first-can", &mut clean);
    secrets.learn(&Secret::new("later-canary"));
    secrets.learn(&Secret::new("later-canary"));
    secrets.learn(&Secret::new("x"));
    assert_eq!(clone.clean("first-canary later-canary"), "[secret] [secret]");
    assert_eq!(format!("{clone:?}"), "Secrets: 2");
    veil.feed(b"ary.", &mut clean);
    veil.finish(&mut clean);
    assert_eq!(clean, b"[secret].");
}
