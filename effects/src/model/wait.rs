//! How long a server asks to be left alone: `Retry-After` in its forms, rate-limit headers, and the sentence in a
//! message. Whatever makes no sense counts as not said.

use jiff::{
    Timestamp,
    fmt::{rfc2822, strtime},
    tz::TimeZone,
};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// The wait that the headers of an answer name, in milliseconds. `now` is used for dates when the answer has none.
pub(crate) fn from_headers(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|ms| to_ms(ms, 1.0)) {
        return Some(ms);
    }
    if let Some(after) = text("retry-after") {
        // The server's own clock, where it tells it: ours may be wrong.
        let now = text("date").and_then(date).unwrap_or(now);
        let until = || date(after).map(|until| ms_between(now, until));
        if let Some(ms) = to_ms(after, 1000.0).or_else(until) {
            return Some(ms);
        }
    }
    ["requests", "tokens"]
        .into_iter()
        .filter(|what| {
            let left = text(&format!("x-ratelimit-remaining-{what}"));
            left.and_then(|left| left.parse::<f64>().ok()).is_none_or(|left| left <= 0.0)
        })
        .filter_map(|what| duration(text(&format!("x-ratelimit-reset-{what}"))?))
        .max()
}

/// The wait that an error object names, in milliseconds: as a number of its own, in a list of details, or as a header of
/// the server behind a gateway.
pub(crate) fn from_error(error: &Value) -> Option<u64> {
    let number = |value: &Value, unit_ms: f64| match value {
        Value::Number(number) => to_ms(&number.to_string(), unit_ms),
        Value::String(text) => to_ms(text.trim(), unit_ms).or_else(|| duration(text.trim())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let own =
        [("retry_after_ms", 1.0), ("retry_after", 1000.0), ("retry_after_seconds", 1000.0), ("retryAfter", 1000.0)];
    let own = || own.into_iter().find_map(|(key, unit_ms)| number(error.get(key)?, unit_ms));
    let detail = || {
        let details = error.get("details")?.as_array()?;
        details.iter().find_map(|detail| number(detail.get("retryDelay")?, 1000.0))
    };
    let passed_on = || {
        let headers = error.pointer("/metadata/headers")?.as_object()?;
        let (_, after) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
        number(after, 1000.0)
    };
    own().or_else(detail).or_else(passed_on)
}

/// The wait that a message names as "try again in 1.898s", in milliseconds.
pub(crate) fn from_message(message: &str) -> Option<u64> {
    const MARKS: [&str; 3] = ["try again in ", "retry in ", "retry after "];
    let low = message.to_ascii_lowercase();
    let at = MARKS.iter().find_map(|mark| Some(low.find(mark)? + mark.len()))?;
    let mut words = message[at..].split_ascii_whitespace();
    let first = words.next()?.trim_end_matches(['.', ',', ';', ')']);
    if let Some(ms) = duration(first) {
        return Some(ms);
    }
    let unit_ms = match words.next()?.trim_end_matches(['.', ',', ';', ')']) {
        "millisecond" | "milliseconds" => 1.0,
        "second" | "seconds" | "sec" | "secs" => 1000.0,
        "minute" | "minutes" | "min" | "mins" => 60_000.0,
        "hour" | "hours" => 3_600_000.0,
        _ => return None,
    };
    to_ms(first, unit_ms)
}

/// `6m0s`, `1.5s`, `20ms`, `1h2m3s`.
fn duration(text: &str) -> Option<u64> {
    let mut total: Option<u64> = None;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let unit_end = rest[digits..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |end| digits + end);
        let unit_ms = match &rest[digits..unit_end] {
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => 86_400_000.0,
            _ => return None,
        };
        let ms = to_ms(&rest[..digits], unit_ms)?;
        total = Some(total.unwrap_or(0).saturating_add(ms));
        rest = &rest[unit_end..];
    }
    total
}

/// A number in units of `unit_ms`; rounded up, so that no retry comes too early.
fn to_ms(number: &str, unit_ms: f64) -> Option<u64> {
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    // The cast saturates: an absurd wait stays absurd, and the core decides what to make of it.
    number.is_finite().then_some((number * unit_ms).ceil() as u64)
}

/// A date as HTTP writes it, in its three forms.
fn date(text: &str) -> Option<Timestamp> {
    let old = || {
        ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].into_iter().find_map(|form| {
            let civil = strtime::parse(form, text).ok()?.to_datetime().ok()?;
            civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        })
    };
    rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()).or_else(old)
}

fn ms_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond().saturating_sub(from.as_millisecond())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn wait(pairs: &[(&'static str, &'static str)]) -> Option<u64> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        from_headers(&headers, "2026-11-22T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn headers() {
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "7")]), Some(7000));
        assert_eq!(wait(&[("retry-after", "0.25")]), Some(250));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "120")]), Some(120));
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 10:00:30 GMT")]), Some(30_000));
        assert_eq!(
            wait(&[("retry-after", "Sun, 22 Nov 2026 12:00:30 GMT"), ("date", "Sun, 22 Nov 2026 12:00:10 GMT")]),
            Some(20_000)
        );
        assert_eq!(wait(&[("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT")]), Some(0));
        assert_eq!(wait(&[("retry-after", "Sunday, 22-Nov-26 10:00:30 GMT")]), Some(30_000));
        assert_eq!(wait(&[("retry-after", "Sun Nov 22 10:00:30 2026")]), Some(30_000));
        assert_eq!(wait(&[("retry-after", "-5")]), None);
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "inf")]), None);
        assert_eq!(wait(&[("retry-after", "99999999999999999999999")]), Some(u64::MAX));
        assert_eq!(wait(&[("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-reset-tokens", "6m0s")]), Some(360_000));
        assert_eq!(
            wait(&[
                ("x-ratelimit-reset-requests", "20ms"),
                ("x-ratelimit-reset-tokens", "6m0s"),
                ("x-ratelimit-remaining-tokens", "500")
            ]),
            Some(20)
        );
    }

    #[test]
    fn messages() {
        assert_eq!(from_message("Rate limit reached. Please try again in 1.898s. Visit https://x"), Some(1898));
        assert_eq!(from_message("Please try again in 20ms."), Some(20));
        assert_eq!(from_message("Try again in 1h2m3s"), Some(3_723_000));
        assert_eq!(from_message("try again in 35 seconds."), Some(35_000));
        assert_eq!(from_message("Please retry in 34.07s."), Some(34_070));
        assert_eq!(from_message("Overloaded, retry after 2 seconds"), Some(2000));
        assert_eq!(from_message("try again in a while"), None);
        assert_eq!(from_message("try again in "), None);
        assert_eq!(from_message("no"), None);
        assert_eq!(from_message("İ try again in 2s"), Some(2000));
    }
    #[test]
    fn errors() {
        use serde_json::json;
        for (error, ms) in [
            (json!({ "retry_after": 3 }), Some(3000)),
            (json!({ "retry_after": "1.5" }), Some(1500)),
            (json!({ "retry_after_ms": 250 }), Some(250)),
            (json!({ "details": [{ "reason": "x" }, { "retryDelay": "34s" }] }), Some(34_000)),
            (json!({ "metadata": { "headers": { "Retry-After": "7" } } }), Some(7000)),
            (json!({ "retry_after": "soon" }), None),
            (json!({ "details": "none" }), None),
        ] {
            assert_eq!(from_error(&error), ms, "{error}");
        }
    }
}
