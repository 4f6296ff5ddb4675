//! The names of this crate's cookies that a request carried. Every request notes them and few responses need them, so
//! the note is small.

use super::chunks::MAX_CHUNKS;
use super::header::LEGACY_NAME;
use super::name::CookieName;

/// The names of this crate's cookies that a request carried, so that a response can remove the cookies that it does not
/// replace.
///
/// ```
/// use auth_runtime::codec::{CookieName, RequestCookies};
///
/// let name = CookieName::default();
/// let cookies = RequestCookies::scan([b"theme=dark; __session__0=A".as_slice()], &name);
/// assert_eq!(cookies.seen_names().names(&name), ["__session__0"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenNames {
    pub(super) session: SeenValue,
    pub(super) legacy: SeenValue,
    pub(super) connections: Vec<String>,
}

/// The names under which one value came: the bare name, and the numbers of chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenValue {
    pub(super) is_whole: bool,
    pub(super) chunks: SeenChunks,
}

/// The numbers of the chunks that came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeenChunks {
    /// Bit `n` is set where chunk `n` came.
    pub(super) within: u32,
    /// Chunk numbers of [`MAX_CHUNKS`] and above, as written.
    pub(super) beyond: Vec<String>,
}

const _: () = assert!(MAX_CHUNKS <= 32, "each chunk of a value has a bit");

impl SeenNames {
    /// Returns the names, where the session cookie is called `name`.
    pub fn names(&self, name: &CookieName) -> Vec<String> {
        let mut names = self.session.names(name.as_str(), "__");
        names.extend(self.legacy.names(LEGACY_NAME, "."));
        names.extend_from_slice(&self.connections);
        names
    }
}

impl SeenValue {
    fn names(&self, base: &str, separator: &str) -> Vec<String> {
        let whole = self.is_whole.then(|| base.to_owned());
        let within = (0..u32::BITS).filter(|index| self.chunks.within & (1 << index) != 0);
        let within = within.map(|index| format!("{base}{separator}{index}"));
        let beyond = self.chunks.beyond.iter().map(|index| format!("{base}{separator}{index}"));
        whole.into_iter().chain(within).chain(beyond).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::RequestCookies;
    use super::*;

    #[test]
    fn every_cookie_of_ours_is_named_once_and_no_other() {
        let name = CookieName::default();
        let header = b"x=1; __session__0=a; __session__31=b; __session__32=c; __session=d; appSession.1=e; \
                       appSession=f; __FC_7=g; __session__0=h; __sessions=i"
            .as_slice();
        let names = RequestCookies::scan([header], &name).seen_names().names(&name);
        let expected = [
            "__session",
            "__session__0",
            "__session__31",
            "__session__32",
            "appSession",
            "appSession.1",
            "__FC_7",
        ];
        assert_eq!(names, expected);
    }
}
