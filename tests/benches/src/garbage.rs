//! Cookies that are no session, one kind for each way in which a reader could be made to work for nothing, each as large
//! as it gets: the lengths are those that the reader still looks at, or that a request still has.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::session::Sample;

/// The `Cookie` header of this kind.
///
/// # Panics
///
/// There is no such kind.
pub fn cookies(kind: &str) -> String {
    match kind {
        "algorithm" => chunked(&sealed(br#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, 80_000)),
        "chunks" => numbered(10_000, "__session__", "=x"),
        "connections" => numbered(5_000, "__FC_", "=x"),
        "duplicates" => vec!["__session__0=x"; 8_000].join("; "),
        "few" => numbered(64, "__FC_", "=x"),
        "flags" => vec!["__session"; 10_000].join("; "),
        "header" => chunked(&sealed(&long_header(59_000), 1_000)),
        "illegal" => chunked(&with_illegal_end(&sealed(HEADER, 83_000))),
        "members" => format!("__session={}", sealed(&long_header(58), 0)),
        "others" => numbered(10_000, "other", "=x"),
        "percent" => format!("__session={}", "%41".repeat(37_000)),
        "percents" => format!("__session={}", "%41aaaaaaaa".repeat(10_000)),
        "separators" => "; ".repeat(50_000),
        "short" => numbered(64, "__session__", "=x"),
        "tag" => chunked(&sealed(HEADER, 83_000)),
        "twins" => vec![Sample::of(3_000).garbage(); 30].join("; "),
        _ => panic!("there is no garbage of the kind `{kind}`"),
    }
}

/// Five parts of the right lengths, which nobody sealed.
fn sealed(header: &[u8], ciphertext: usize) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let parts =
        [encode(header), String::new(), encode(&[1; 12]), encode(&vec![7; ciphertext]), encode(&[9; 16])];
    parts.join(".")
}

/// The same with a last character of the ciphertext that is none: all of it but that can be decoded.
fn with_illegal_end(sealed: &str) -> String {
    let (before, tag) = sealed.rsplit_once('.').expect("five parts");
    format!("{}!.{tag}", &before[..before.len() - 1])
}

/// A header that asks for the right algorithm, among members that mean nothing.
fn long_header(bytes: usize) -> Vec<u8> {
    let mut header = r#"{"enc":"A256GCM","alg":"dir""#.to_owned();
    let mut member = 0;
    while header.len() < bytes {
        let number = member.to_string();
        for part in [",\"m", &number, "\":", &number] {
            header.push_str(part);
        }
        member += 1;
    }
    header.push('}');
    header.into_bytes()
}

fn chunked(value: &str) -> String {
    let chunks = value.as_bytes().chunks(3_500).map(|chunk| String::from_utf8_lossy(chunk));
    let pairs: Vec<_> = chunks.zip(0..).map(|(chunk, index)| format!("__session__{index}={chunk}")).collect();
    pairs.join("; ")
}

fn numbered(count: usize, before: &str, behind: &str) -> String {
    let pairs: Vec<_> = (0..count).map(|number| format!("{before}{number}{behind}")).collect();
    pairs.join("; ")
}

/// The header of every cookie that is written.
const HEADER: &[u8] = br#"{"enc":"A256GCM","alg":"dir"}"#;
