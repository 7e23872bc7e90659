//! Literals in `@default`: a JSON text must be JSON, a date a date.

use crate::{resolve::report::Report, schema::ScalarType, source::Span, syntax::Expression};

/// Checks a literal, or every element of a list.
pub(super) fn check(value: &Expression, scalar: ScalarType, report: &mut Report) {
    let (kind, word, problem) = match (scalar, value) {
        (_, Expression::Array(elements, _)) => {
            for element in elements {
                check(element, scalar, report);
            }
            return;
        }
        (ScalarType::Json, Expression::String(word)) => {
            let parsed = serde_json::from_str::<serde_json::Value>(&word.text);
            ("JSON string", word, parsed.err().map(|error| error.to_string()))
        }
        (ScalarType::Bytes, Expression::String(word)) => {
            let problem =
                "Could not convert from `base64 encoded bytes` to `PrismaValue::Bytes`".to_owned();
            ("base64 string", word, (!is_base64(&word.text)).then_some(problem))
        }
        (ScalarType::DateTime, Expression::String(word)) => {
            ("rfc3339 datetime string", word, check_datetime(&word.text).err())
        }
        (ScalarType::Int | ScalarType::BigInt, Expression::Number(word)) => {
            let parsed = word.text.parse::<i64>();
            ("integer", word, parsed.err().map(|error| error.to_string()))
        }
        (ScalarType::Decimal, Expression::String(word)) => {
            let parsed = check_decimal(&word.text);
            ("decimal", word, parsed.err().map(str::to_owned))
        }
        _ => return,
    };
    if let Some(problem) = problem {
        report_invalid(kind, &word.text, &problem, word.span, report);
    }
}

fn report_invalid(kind: &str, text: &str, problem: &str, span: Span, report: &mut Report) {
    let message = format!("Parse error: \"{text}\" is not a valid {kind}. ({problem})");
    let attribute = if kind == "decimal" { "default" } else { "@default" };
    report.invalid_attribute(attribute, &message, span);
}

/// Whether the text is standard base64 with padding.
fn is_base64(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    let is_symbol = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    text.len().is_multiple_of(4)
        && text.len() - unpadded.len() <= 2
        && unpadded.bytes().all(is_symbol)
}

/// Checks `2020-03-19T14:21:00.123+02:00`.
fn check_datetime(text: &str) -> Result<(), String> {
    let invalid = || "input contains invalid characters".to_owned();
    let bytes = text.as_bytes();
    // Year, month, day, hour, minute and second with what follows each of them.
    let parts: [(usize, &[u8], u32, u32); 6] = [
        (4, b"-", 0, 9999),
        (2, b"-", 1, 12),
        (2, b"", 1, 31),
        (2, b":", 0, 23),
        (2, b":", 0, 59),
        (2, b"", 0, 60),
    ];
    let mut rest = bytes;
    let mut date = Vec::new();
    for (position, (length, separator, lowest, highest)) in parts.into_iter().enumerate() {
        if position == 3 {
            rest = match rest {
                [b'T' | b't' | b' ', rest @ ..] => rest,
                [] => return Err("premature end of input".to_owned()),
                _ => return Err(invalid()),
            };
        }
        let Some((number, remaining)) = rest.split_at_checked(length) else {
            return Err("premature end of input".to_owned());
        };
        let number = std::str::from_utf8(number).ok().filter(|text| is_digits(text));
        let Some(number) = number.and_then(|text| text.parse::<u32>().ok()) else {
            return Err(invalid());
        };
        if !(lowest..=highest).contains(&number) {
            return Err("input is out of range".to_owned());
        }
        date.push(number);
        let Some(remaining) = remaining.strip_prefix(separator) else {
            let is_end = remaining.is_empty();
            return Err(if is_end { "premature end of input".to_owned() } else { invalid() });
        };
        rest = remaining;
    }
    if let [year, month, day, ..] = date.as_slice()
        && *day > days_of_month(*year, *month)
    {
        return Err("input is out of range".to_owned());
    }
    let text = std::str::from_utf8(rest).map_err(|_| invalid())?;
    check_fraction_and_offset(text)
}

fn check_fraction_and_offset(text: &str) -> Result<(), String> {
    let invalid = || "input contains invalid characters".to_owned();
    let offset = match text.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|one: char| one.is_ascii_digit());
            if offset.len() == fraction.len() {
                return Err(invalid());
            }
            offset
        }
        None => text,
    };
    match offset.as_bytes() {
        [b'Z' | b'z'] => Ok(()),
        [] => Err("premature end of input".to_owned()),
        [b'+' | b'-', h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].into_iter().all(u8::is_ascii_digit) =>
        {
            if *h1 > b'2' || (*h1 == b'2' && *h2 > b'3') || *m1 > b'5' {
                return Err("input is out of range".to_owned());
            }
            Ok(())
        }
        _ => Err(invalid()),
    }
}

fn days_of_month(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Checks a decimal number, with an exponent or without.
fn check_decimal(text: &str) -> Result<(), &'static str> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    if let Some(exponent) = exponent
        && exponent.parse::<i64>().is_err()
    {
        return Err("invalid digit found in string");
    }
    let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err("Failed to parse empty string");
    }
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if is_number(whole) && is_number(fraction) {
        Ok(())
    } else {
        Err("invalid digit found in string")
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
