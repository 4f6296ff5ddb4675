//! Redis' protocol, version 2: enough to set up a server and to look into it.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A status, such as `OK`.
    Simple(String),
    /// An error with its code, such as `NOAUTH Authentication required.`
    Error(String),
    /// A number.
    Integer(i64),
    /// A value as text, or none; none instead of a list too.
    Bulk(Option<String>),
    /// A list.
    Array(Vec<Reply>),
}

impl Reply {
    /// The text of a status, of a value or of an error; empty where there is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Simple(text) | Self::Error(text) | Self::Bulk(Some(text)) => text,
            Self::Integer(_) | Self::Bulk(None) | Self::Array(_) => "",
        }
    }

    /// The text, for a command that must not fail.
    #[track_caller]
    pub fn accepted(&self) -> &str {
        assert!(!matches!(self, Self::Error(_)), "{}", self.text());
        self.text()
    }
}

/// A connection of one's own, for commands that belong together.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    /// Connects to 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Nobody listens there.
    pub async fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, unread: Vec::new() })
    }

    /// Sends a command and reads its reply.
    ///
    /// # Errors
    ///
    /// The connection ends, or what comes is no reply.
    pub async fn command(&mut self, words: &[&str]) -> std::io::Result<Reply> {
        self.send(words).await?;
        self.next().await
    }

    /// Sends a command without waiting for its reply.
    ///
    /// # Errors
    ///
    /// The connection has ended.
    pub async fn send(&mut self, words: &[&str]) -> std::io::Result<()> {
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            let _ = write!(request, "${}\r\n{word}\r\n", word.len());
        }
        self.stream.write_all(request.as_bytes()).await
    }

    /// Reads a reply, or what was published.
    ///
    /// # Errors
    ///
    /// The connection ends, or what comes is no reply.
    pub async fn next(&mut self) -> std::io::Result<Reply> {
        loop {
            if let Some((reply, rest)) = parse(&self.unread)? {
                self.unread = rest.to_vec();
                return Ok(reply);
            }
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The first reply and what follows it; `None` while it is not whole.
fn parse(bytes: &[u8]) -> std::io::Result<Option<(Reply, &[u8])>> {
    let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") else { return Ok(None) };
    let (line, rest) = (text(&bytes[..end]), &bytes[end + 2..]);
    let Some(kind) = line.chars().next() else { return Err(malformed(&line)) };
    let content = &line[kind.len_utf8()..];
    let number = || content.parse::<i64>().map_err(|_| malformed(&line));
    Ok(match kind {
        '+' => Some((Reply::Simple(content.to_owned()), rest)),
        '-' => Some((Reply::Error(content.to_owned()), rest)),
        ':' => Some((Reply::Integer(number()?), rest)),
        '$' | '*' => match usize::try_from(number()?) {
            Err(_) => Some((Reply::Bulk(None), rest)),
            Ok(length) if kind == '$' => bulk(rest, length),
            Ok(length) => array(rest, length)?,
        },
        _ => return Err(malformed(&line)),
    })
}

fn bulk(bytes: &[u8], length: usize) -> Option<(Reply, &[u8])> {
    let rest = bytes.get(length + 2..)?;
    Some((Reply::Bulk(Some(text(&bytes[..length]))), rest))
}

fn array(mut bytes: &[u8], length: usize) -> std::io::Result<Option<(Reply, &[u8])>> {
    let mut members = Vec::new();
    for _ in 0..length {
        let Some((member, rest)) = parse(bytes)? else { return Ok(None) };
        members.push(member);
        bytes = rest;
    }
    Ok(Some((Reply::Array(members), bytes)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn malformed(line: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, format!("no reply begins so: {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_when_it_is_whole_and_not_before() {
        let whole = b"*5\r\n+OK\r\n:-7\r\n$4\r\na\r\nb\r\n$-1\r\n*1\r\n-ERR no\r\n";
        for end in 0..whole.len() {
            assert_eq!(parse(&whole[..end]).unwrap(), None, "{end}");
        }
        let expected = Reply::Array(vec![
            Reply::Simple("OK".to_owned()),
            Reply::Integer(-7),
            Reply::Bulk(Some("a\r\nb".to_owned())),
            Reply::Bulk(None),
            Reply::Array(vec![Reply::Error("ERR no".to_owned())]),
        ]);
        let more = [&whole[..], b"+next"].concat();
        assert_eq!(parse(&more).unwrap(), Some((expected, &b"+next"[..])));
    }

    #[test]
    fn what_is_no_reply_is_an_error() {
        for bytes in [&b"\r\n"[..], b"HTTP/1.1 400\r\n", b":x\r\n", b"\xff\r\n"] {
            assert!(parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
