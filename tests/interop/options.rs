//! Everything that can be configured about the session cookie, drawn at random, for both sides.

use std::time::Duration;

use auth_runtime::codec::{
    CodecBuilder, CookieAttributes, CookieName, KeyRing, Lifetime, RequestCookies, SameSite, Secret,
    SessionCodec, Timestamp,
};
use serde_json::{Value, json};

use crate::random::Random;

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) secret: &'static str,
    pub(crate) name: &'static str,
    pub(crate) domain: Option<&'static str>,
    pub(crate) path: &'static str,
    pub(crate) secure: bool,
    pub(crate) same_site: &'static str,
    pub(crate) transient: bool,
    pub(crate) rolling: bool,
    pub(crate) absolute: i64,
    pub(crate) inactivity: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            secret: SECRETS[0],
            name: "__session",
            domain: None,
            path: "/",
            secure: false,
            same_site: "lax",
            transient: false,
            rolling: true,
            absolute: 259_200,
            inactivity: 86_400,
        }
    }
}

impl Options {
    pub(crate) fn draw(random: &mut Random) -> Self {
        if random.one_in(6) {
            return Self::default();
        }
        let name = random.pick(&NAMES);
        let is_host = name.starts_with("__Host-");
        let same_site = random.pick(&["lax", "strict", "none"]);
        Self {
            secret: random.pick(&SECRETS),
            name,
            domain: random.pick(&[None, Some("example.com"), Some("app.example.com")]).filter(|_| !is_host),
            path: if is_host { "/" } else { random.pick(&["/", "/app", "/a/b%20c"]) },
            secure: is_host || same_site == "none" || random.one_in(2),
            same_site,
            transient: random.one_in(4),
            rolling: !random.one_in(3),
            absolute: random.pick(&[259_200, 600, 604_800, 34_560_000]),
            inactivity: random.pick(&[86_400, 300, 3_600]),
        }
    }

    /// As the oracle takes it. What is the default anyway is left out, so that the package's own counts.
    pub(crate) fn to_json(&self) -> Value {
        let default = Self::default();
        let mut config = json!({ "cookie": {} });
        let mut set = |differs: bool, pointer: &str, value: Value| {
            if differs {
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                config.pointer_mut(parent).unwrap()[key] = value;
            }
        };
        set(self.domain.is_some(), "/cookie/domain", json!(self.domain));
        set(self.path != default.path, "/cookie/path", json!(self.path));
        set(self.secure, "/cookie/secure", json!(true));
        set(self.same_site != default.same_site, "/cookie/sameSite", json!(self.same_site));
        set(self.transient, "/cookie/transient", json!(true));
        set(!self.rolling, "/rolling", json!(false));
        set(self.absolute != default.absolute, "/absolute_duration", json!(self.absolute));
        set(self.inactivity != default.inactivity, "/inactivity_duration", json!(self.inactivity));
        config
    }

    /// Our side: a service that owns the sessions.
    pub(crate) fn owner(&self) -> SessionCodec {
        self.builder(&[self.secret]).owner(self.lifetime()).build()
    }

    /// A service that owns the sessions and reads those of the previous major version.
    pub(crate) fn owner_of_legacy(&self) -> SessionCodec {
        self.builder(&[self.secret]).owner(self.lifetime()).legacy(true).build()
    }

    /// A service that only reads, and already has a new secret beside this one.
    pub(crate) fn verifier(&self) -> SessionCodec {
        self.builder(&["d6a5be2774c83d1f0a2b4c6e8d79f1c0", self.secret]).build()
    }

    fn builder(&self, secrets: &[&str]) -> CodecBuilder {
        let keys = KeyRing::new(secrets.iter().map(|secret| Secret::new(*secret))).unwrap();
        let name = CookieName::new(self.name).unwrap();
        let attributes = self.attributes();
        attributes.check(&name).unwrap();
        SessionCodec::builder(keys).cookie_name(name).attributes(attributes)
    }

    fn attributes(&self) -> CookieAttributes {
        let same_site = match self.same_site {
            "strict" => SameSite::Strict,
            "none" => SameSite::None,
            _ => SameSite::Lax,
        };
        let attributes = CookieAttributes::default().with_path(self.path).unwrap();
        let attributes = match self.domain {
            Some(domain) => attributes.with_domain(domain).unwrap(),
            None => attributes,
        };
        attributes.with_secure(self.secure).with_same_site(same_site).with_transient(self.transient)
    }

    fn lifetime(&self) -> Lifetime {
        let seconds = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
        if self.rolling {
            Lifetime::rolling(seconds(self.inactivity), seconds(self.absolute))
        } else {
            Lifetime::fixed(seconds(self.absolute))
        }
    }

    /// The `exp` of a session that the package writes at `now`.
    pub(crate) fn their_exp(&self, created_at: i64, now: i64) -> i64 {
        if self.rolling { self.our_exp(created_at, now) } else { now + self.absolute }
    }

    /// The `exp` of a session that we write at `now`: a fixed one ends with its absolute limit, whoever writes.
    pub(crate) fn our_exp(&self, created_at: i64, now: i64) -> i64 {
        let end = created_at + self.absolute;
        if self.rolling { end.min(now + self.inactivity) } else { end }
    }
}

/// What our scanner finds in a `Cookie` header.
pub(crate) fn scan<'h>(header: &'h str, codec: &SessionCodec) -> RequestCookies<'h> {
    RequestCookies::scan([header.as_bytes()], codec.cookie_name())
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

/// When the runs take place.
pub(crate) const NOW: i64 = 1_790_000_000;

const SECRETS: [&str; 3] = [
    "c4e19b7250fd83a6e8b1d70f42956acb",
    "0a2b4c6e8d79f1c0d6a5be2774c83d1f9f1c0d6a5be2774c83d1f0a2b4c6e8d7",
    "ein geheimer Schlüssel — 鍵 🔑 mit Umlauten",
];

const NAMES: [&str; 6] = ["__session", "__session", "app", "my.session", "__Host-s", "s__1"];
