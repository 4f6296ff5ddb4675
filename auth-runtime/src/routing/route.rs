//! The description of one route of a router.

use std::borrow::Cow;
use std::fmt;

use axum::routing::MethodFilter;

use super::access::Access;

/// A line of [`Router::routes`](super::Router::routes): the requests that lead to a handler, and the callers that it
/// admits.
///
/// `Display` writes method, path and [`Access`]: `GET  /api/posts/{id}  scopes("read:posts")`.
///
/// ```
/// # #[cfg(feature = "macros")] mod example {
/// # use auth_runtime::public;
/// # #[public]
/// # async fn health() {}
/// # pub fn main() {
/// use auth_runtime::routing::{Access, Router, get};
///
/// let router: Router = Router::new().route("/health", get(health));
/// let route = &router.routes()[0];
/// assert_eq!(route.methods(), ["GET"]);
/// assert_eq!(route.path(), "/health");
/// assert_eq!(route.access(), Access::Public);
/// # }
/// # }
/// # #[cfg(feature = "macros")] example::main();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    methods: Vec<&'static str>,
    path: Cow<'static, str>,
    access: Access,
    kind: Kind,
}

/// The reason why a request comes to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its path matches.
    Path,
    /// No path of the router matches.
    Fallback,
    /// Not known: the route came in through `merge_unchecked`.
    Unchecked,
}

impl Route {
    /// Returns the methods as in a request line. [`ANY_OTHER`](Self::ANY_OTHER) stands for all methods that have no
    /// route of their own at this path. A route for `GET` answers `HEAD` too, unless there is a route for `HEAD` (RFC
    /// 9110 §9.3.2).
    pub fn methods(&self) -> &[&'static str] {
        &self.methods
    }

    /// Returns the path with its captures, as axum matches it: the prefixes of nested routers are in front.
    ///
    /// A fallback answers every path that no route below its prefix matches. It is listed at
    /// [`FALLBACK`](Self::FALLBACK) below that prefix. Routes that came in through
    /// [`merge_unchecked`](super::Router::merge_unchecked) are one line, at [`UNKNOWN`](Self::UNKNOWN).
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the callers that the handler admits.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The entry of [`methods`](Self::methods) for `any`, and for the fallback of a path.
    pub const ANY_OTHER: &'static str = "*";

    /// The path of a fallback, below the prefix of the router that it belongs to.
    pub const FALLBACK: &'static str = "/{*fallback}";

    /// The path of unchecked routes, below the prefix of the router that they were merged into.
    pub const UNKNOWN: &'static str = "/{*unchecked}";

    pub(super) fn new(path: impl Into<Cow<'static, str>>, endpoint: Endpoint) -> Self {
        let Endpoint { methods, access } = endpoint;
        Self { methods: methods.names(), path: path.into(), access, kind: Kind::Path }
    }

    pub(super) fn fallback(access: Access) -> Self {
        let endpoint = Endpoint { methods: Methods::AnyOther, access };
        Self { kind: Kind::Fallback, ..Self::new(Self::FALLBACK, endpoint) }
    }

    pub(super) fn unchecked() -> Self {
        let endpoint = Endpoint { methods: Methods::AnyOther, access: Access::Unchecked };
        Self { kind: Kind::Unchecked, ..Self::new(Self::UNKNOWN, endpoint) }
    }

    pub(super) fn public(path: String, methods: &'static [&'static str]) -> Self {
        Self { methods: methods.to_vec(), path: path.into(), access: Access::Public, kind: Kind::Path }
    }

    /// Returns the standard methods that the route answers beside the other `routes` of its router. A handler for `GET`
    /// answers `HEAD` too (RFC 9110 §9.3.2), and a handler for a method goes before a handler for any.
    #[cfg(any(feature = "testing", feature = "utoipa"))]
    pub(crate) fn answers(&self, routes: &[Self]) -> Vec<&'static str> {
        let is_named = |name: &str| {
            let beside = |route: &&Self| route.kind == self.kind && route.path == self.path;
            routes.iter().filter(beside).any(|route| route.methods.contains(&name))
        };
        let is_answered = |name: &&'static str| match *name {
            name if self.methods.contains(&name) => true,
            // Another handler of the path names the method.
            name if is_named(name) => false,
            "HEAD" if self.methods.contains(&"GET") => true,
            "HEAD" if is_named("GET") => false,
            // No handler of the path answers the method by its name.
            _ => self.takes_any_other(),
        };
        ALL.iter().map(|(_, name)| *name).filter(is_answered).collect()
    }

    /// Returns whether the route answers the methods that no other route at its path has.
    pub(crate) fn takes_any_other(&self) -> bool {
        self.methods.contains(&Self::ANY_OTHER)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns whether this is the fallback of the router itself, not of a router that is nested in it.
    pub(super) fn is_own_fallback(&self) -> bool {
        self.kind == Kind::Fallback && self.path == Self::FALLBACK
    }

    /// Returns whether this line stands for unchecked routes of the router itself, not of a router that is nested in
    /// it.
    pub(super) fn is_own_unchecked(&self) -> bool {
        self.kind == Kind::Unchecked && self.path == Self::UNKNOWN
    }

    /// Returns the route as a router has it that nests this one at `prefix`. The paths are joined as axum joins them.
    pub(super) fn below(mut self, prefix: &str) -> Self {
        let path = match &*self.path {
            // axum does not double the slash.
            path if prefix.ends_with('/') => format!("{prefix}{}", path.trim_start_matches('/')),
            // The root of a nested router is at the prefix itself.
            "/" => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        };
        self.path = path.into();
        self
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}  {}", self.methods.join(","), self.path, self.access)
    }
}

/// A handler of a path: its methods, and the callers that it admits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) methods: Methods,
    pub(super) access: Access,
}

/// The methods that one handler answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Methods {
    These(MethodFilter),
    /// All that no other handler of the path answers.
    AnyOther,
}

impl Methods {
    fn names(self) -> Vec<&'static str> {
        match self {
            Self::These(filter) => {
                ALL.iter().filter(|(one, _)| filter.or(*one) == filter).map(|(_, name)| *name).collect()
            }
            Self::AnyOther => vec![Route::ANY_OTHER],
        }
    }
}

/// Every method that a filter can name.
const ALL: [(MethodFilter, &str); 9] = [
    (MethodFilter::GET, "GET"),
    (MethodFilter::HEAD, "HEAD"),
    (MethodFilter::POST, "POST"),
    (MethodFilter::PUT, "PUT"),
    (MethodFilter::PATCH, "PATCH"),
    (MethodFilter::DELETE, "DELETE"),
    (MethodFilter::OPTIONS, "OPTIONS"),
    (MethodFilter::TRACE, "TRACE"),
    (MethodFilter::CONNECT, "CONNECT"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Protection, Requirement};

    #[test]
    fn a_line_has_methods_path_and_access() {
        static READ_POSTS: Protection = Protection {
            requirements: &[Requirement::Scopes(&["read:posts"]), Requirement::MaxAge(300)],
            ..Protection::SIGNED_IN
        };
        let cases = [
            (
                Access::Protected(&READ_POSTS),
                r#"GET,POST  /posts/{id}  scopes("read:posts"), max_age = "5m""#,
            ),
            (Access::Protected(&Protection::SIGNED_IN), "GET,POST  /posts/{id}  signed in"),
            (Access::Public, "GET,POST  /posts/{id}  public"),
        ];
        for (access, expected) in cases {
            let methods = Methods::These(MethodFilter::POST.or(MethodFilter::GET));
            assert_eq!(Route::new("/posts/{id}", Endpoint { methods, access }).to_string(), expected);
        }
        assert_eq!(Route::unchecked().to_string(), "*  /{*unchecked}  unchecked");
    }

    #[cfg(any(feature = "testing", feature = "utoipa"))]
    #[test]
    fn a_route_for_any_method_answers_what_no_other_route_names() {
        let endpoint = |methods| Endpoint { methods, access: Access::Public };
        let route = |path: &'static str, methods| Route::new(path, endpoint(methods));
        let get = route("/a", Methods::These(MethodFilter::GET));
        let any = route("/a", Methods::AnyOther);
        let elsewhere = route("/b", Methods::These(MethodFilter::POST));
        let head = route("/a", Methods::These(MethodFilter::HEAD));
        let others = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
        for routes in [[any.clone(), get.clone(), elsewhere.clone()], [elsewhere, get.clone(), any.clone()]] {
            assert_eq!(any.answers(&routes), others);
            assert_eq!(get.answers(&routes), ["GET", "HEAD"]);
        }
        assert_eq!(get.answers(&[get.clone(), head.clone()]), ["GET"]);
        assert_eq!(head.answers(&[get.clone(), head.clone()]), ["HEAD"]);
        assert_eq!(any.answers(&[any.clone(), head]).len(), 8);
        assert_eq!(Route::fallback(Access::Public).answers(&[get, any]).len(), 9);
    }

    #[test]
    fn every_method_of_a_filter_is_named() {
        let every = ALL.iter().fold(MethodFilter::GET, |filter, (one, _)| filter.or(*one));
        assert_eq!(Methods::These(every).names().len(), ALL.len());
        for (filter, name) in ALL {
            assert_eq!(Methods::These(filter).names(), [name]);
            assert_eq!(
                MethodFilter::try_from(http::Method::from_bytes(name.as_bytes()).unwrap()).unwrap(),
                filter
            );
        }
    }
}
