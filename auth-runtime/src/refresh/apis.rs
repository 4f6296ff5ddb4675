//! The APIs that access tokens may be sent to, and which tokens each of them gets.

/// The origins that access tokens may be sent to, as browsers write them. An origin may be bound to the audience of its
/// API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apis(Vec<Api>);

#[derive(Clone, Debug)]
struct Api {
    origin: String,
    /// The audience that the origin is bound to; `None` where the application decides with each request.
    audience: Option<String>,
}

/// The reason why no token may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// A token for this audience may not be sent to this origin.
    Audience,
    /// No token may be sent to this origin.
    Origin,
}

impl Apis {
    /// Adds an origin that tokens may be sent to: those for `audience` alone, if there is one.
    pub(crate) fn add(&mut self, origin: String, audience: Option<String>) {
        self.0.push(Api { origin, audience });
    }

    /// Returns the audience of a token that is to be sent to `origin`, if the request names `asked` and sign-in asks
    /// for `default`. `None` leaves it at the default.
    ///
    /// An origin that is bound gets tokens for its own audiences alone, and an audience that is bound goes to its own
    /// origins alone. An origin that is named both with and without an audience is bound.
    pub(crate) fn audience(
        &self,
        origin: &str,
        asked: Option<&str>,
        default: Option<&str>,
    ) -> Result<Option<String>, NotSent> {
        if !self.0.iter().any(|api| api.origin == origin) {
            return Err(NotSent::Origin);
        }
        let bound = self.0.iter().filter_map(|api| Some((api.origin == origin, api.audience.as_deref()?)));
        let mut own: Vec<&str> = bound.clone().filter_map(|(is_here, own)| is_here.then_some(own)).collect();
        own.sort_unstable();
        own.dedup();
        let wanted = asked.or(default);
        match (own.as_slice(), wanted) {
            // The audience is bound to another origin.
            ([], Some(wanted)) if bound.clone().any(|(_, other)| other == wanted) => Err(NotSent::Audience),
            ([], _) => Ok(asked.map(str::to_owned)),
            (own, Some(wanted)) if own.contains(&wanted) => Ok(Some(wanted.to_owned())),
            // The request names no audience, and the origin has only one.
            ([only], _) if asked.is_none() => Ok(Some((*only).to_owned())),
            _ => Err(NotSent::Audience),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apis() -> Apis {
        let mut apis = Apis::default();
        for (origin, audience) in
            [("free", None), ("a", Some("A")), ("b", Some("B1")), ("b", Some("B2")), ("b", None)]
        {
            apis.add(origin.to_owned(), audience.map(str::to_owned));
        }
        apis
    }

    #[test]
    fn s_bcp_8_a_token_goes_to_an_origin_of_its_audience_alone() {
        let apis = apis();
        let audience = |origin, asked, default| {
            let found = apis.audience(origin, asked, default);
            found.map(|audience| audience.unwrap_or_else(|| "as asked".to_owned()))
        };
        for (origin, asked, default, expected) in [
            ("a", None, None, Ok("A")),
            ("a", None, Some("sign-in"), Ok("A")),
            ("a", Some("A"), Some("sign-in"), Ok("A")),
            ("a", Some("B1"), None, Err(NotSent::Audience)),
            ("a", Some("sign-in"), Some("sign-in"), Err(NotSent::Audience)),
            ("b", Some("B2"), None, Ok("B2")),
            ("b", None, Some("B1"), Ok("B1")),
            ("b", None, None, Err(NotSent::Audience)),
            ("b", Some("A"), None, Err(NotSent::Audience)),
            ("free", None, None, Ok("as asked")),
            ("free", None, Some("sign-in"), Ok("as asked")),
            ("free", Some("C"), None, Ok("C")),
            ("free", Some("A"), None, Err(NotSent::Audience)),
            ("free", None, Some("A"), Err(NotSent::Audience)),
            ("elsewhere", Some("A"), None, Err(NotSent::Origin)),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(audience(origin, asked, default), expected, "{origin} {asked:?} {default:?}");
        }
    }
}
