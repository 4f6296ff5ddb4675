//! Faults from bytes: pieces that the tables put together.

use std::time::Duration;

use auth_tests::front::{Behaviour, Step, json_answer, whole_answer};

/// Text that must never be seen by a client; it is in every body that a faulty endpoint makes up.
pub(crate) const MARKER: &str = "INTERNAL-HOST-17";

/// Longer than any deadline in these tests takes to be over.
pub(crate) const BYTE_PAUSE: Duration = Duration::from_millis(100);

pub(crate) fn at_accept(steps: impl Into<Vec<Step>>) -> Behaviour {
    Behaviour::AtAccept(steps.into())
}

pub(crate) fn bytes(answer: impl Into<Vec<u8>>) -> Behaviour {
    Behaviour::bytes(answer)
}

/// A made-up page with this status.
pub(crate) fn page(status: &str, headers: &str) -> Behaviour {
    let headers = format!("Content-Type: text/html\r\n{headers}");
    bytes(whole_answer(status, &headers, format!("<html><h1>{MARKER}</h1></html>")))
}

/// An error as RFC 6749 has them, with this status.
pub(crate) fn error(status: &str, headers: &str, code: &str) -> Behaviour {
    let headers = format!("Content-Type: application/json\r\n{headers}");
    let body = format!(r#"{{"error":"{code}","error_description":"{MARKER}"}}"#);
    bytes(whole_answer(status, &headers, body))
}

/// 200 and this, as JSON.
pub(crate) fn json(body: impl AsRef<[u8]>) -> Behaviour {
    bytes(json_answer(200, body))
}

/// The healthy answer's body, changed.
pub(crate) fn rewritten(change: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Behaviour {
    Behaviour::after(move |body| vec![Step::Send(json_answer(200, change(body)))])
}

/// The healthy answer's body under another head.
pub(crate) fn with_head(status: &'static str, headers: &'static str) -> Behaviour {
    Behaviour::after(move |body| vec![Step::Send(whole_answer(status, headers, body))])
}

/// The healthy answer whole, with other bytes before and after it.
pub(crate) fn surrounded(before: impl Into<Vec<u8>>, after: impl Into<Vec<u8>>) -> Behaviour {
    let (before, after) = (before.into(), after.into());
    Behaviour::after(move |body| {
        vec![Step::Send([&before[..], &json_answer(200, body), &after[..]].concat())]
    })
}

/// The steps that follow from the healthy answer as bytes.
pub(crate) fn steps(make: impl Fn(Vec<u8>) -> Vec<Step> + Send + Sync + 'static) -> Behaviour {
    Behaviour::after(move |body| make(json_answer(200, body)))
}

/// A head of 200 with these headers and then the body, as it is.
pub(crate) fn framed(
    headers: &'static str,
    frame: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> Behaviour {
    Behaviour::after(move |body| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n");
        vec![Step::Send([head.as_bytes(), &frame(body)].concat())]
    })
}

/// In chunks of `size` bytes (RFC 9112 section 7.1).
pub(crate) fn chunked(body: &str, size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.as_bytes().chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// The first member a second time.
pub(crate) fn with_a_member_twice(body: &str) -> Vec<u8> {
    let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body).unwrap();
    let (name, value) = members.iter().next().unwrap();
    format!("{{\"{name}\":{value},{}", &body[1..]).into_bytes()
}

/// One more member, whose value nests that deeply.
pub(crate) fn with_depth(body: &str, depth: usize) -> Vec<u8> {
    format!("{{\"x\":{}{},{}", "[".repeat(depth), "]".repeat(depth), &body[1..]).into_bytes()
}

/// One more member of that many bytes.
pub(crate) fn with_padding(body: &str, size: usize) -> Vec<u8> {
    format!("{{\"x\":\"{}\",{}", "p".repeat(size), &body[1..]).into_bytes()
}

pub(crate) fn utf16(body: &str) -> Vec<u8> {
    body.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A gzip member (RFC 1952) that holds `body` in stored blocks (RFC 1951 section 3.2.4).
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = body.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let crc = !body.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 },
        )
    });
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
    out
}

/// 200,000 bytes that a gzip reader makes into 31 million: each 13 bits (code 285 and distance 1 of the fixed
/// alphabets, RFC 1951 section 3.2.6) repeat the byte before them 258 times.
pub(crate) fn gzip_bomb() -> Vec<u8> {
    let mut bits = vec![true, true, false];
    // The literal `[`: 0x30 + 0x5b in eight bits, highest first.
    bits.extend((0..8).rev().map(|bit| (0x30 + 0x5b) >> bit & 1 == 1));
    while bits.len() < 8 * 200_000 {
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    let packed = bits.chunks(8).map(|byte| {
        byte.iter().enumerate().fold(0, |packed, (position, bit)| packed | u8::from(*bit) << position)
    });
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255].into_iter().chain(packed).collect()
}
