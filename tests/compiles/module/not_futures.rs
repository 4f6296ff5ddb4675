//! Functions and constants of every kind that are no handlers, and need no mark.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

/// What stands outside of the block, under names like those of futures.
mod elsewhere {
    pub type BoxFuture = Vec<u8>;
    pub type Number = u64;
    pub struct FutureTense;
    pub struct Ready<T>(pub T);
}

#[allow(dead_code, missing_debug_implementations, unused_variables)]
#[with_api_auth_required]
mod functions {
    use std::borrow::Cow;
    use std::collections::BTreeMap;
    use std::fmt::{Debug, Display};
    use std::future::Ready as Immediate;
    use std::pin::Pin;
    use std::rc::Rc;

    use super::elsewhere::*;

    struct Private;

    pub fn nothing() {}

    pub fn unit() -> () {}

    pub fn never() -> ! {
        todo!()
    }

    pub fn never_inside() -> fn() -> ! {
        todo!()
    }

    pub fn names() -> (BoxFuture, FutureTense, Ready<u8>) {
        (Vec::new(), FutureTense, Ready(1))
    }

    fn private() -> Private {
        Private
    }

    pub fn strings() -> &'static str {
        ""
    }

    pub fn generic<T: Default, const N: usize>() -> [Option<T>; N] {
        [const { None }; N]
    }

    pub fn lifetimes<'a, 'b: 'a, T: 'a + Display + ?Sized>(
        one: Cow<'a, T>,
        two: Rc<Cow<'b, T>>,
    ) -> (Cow<'a, T>, Rc<Cow<'b, T>>)
    where
        T: ToOwned,
        for<'c> &'c T: Debug,
    {
        (one, two)
    }

    pub fn elided(text: Cow<'_, str>) -> Cow<'_, str> {
        text
    }

    pub fn borrowed<'a>(name: &'a str, rest: &[u8]) -> impl Future<Output = &'a str> {
        std::future::ready(name)
    }

    pub fn arguments(by: impl Fn(u8) -> u8, (a, b): (impl Display, Vec<impl Debug>), _: u8) -> u8 {
        by(1)
    }

    pub fn mixed<T: Debug>(_: T, by: impl FnOnce(T) -> u8 + Send) -> impl Iterator<Item = u8> {
        [1].into_iter()
    }

    pub fn opaque() -> impl Iterator<Item = Immediate<u8>> + Clone {
        [].into_iter()
    }

    pub fn closure() -> impl Fn(u8) -> u8 {
        |number| number
    }

    pub fn pointer() -> fn(&str) -> Box<dyn Display> {
        todo!()
    }

    pub fn yields<F: Future>(f: F) -> F::Output {
        todo!()
    }

    pub fn yields_many<F: Future>(f: F) -> Vec<F::Output> {
        todo!()
    }

    pub fn other_parameter<F: Future, T>(f: F, t: T) -> T {
        t
    }

    pub fn takes_a_future<F: Future>(f: F, g: impl Future) {}

    // A router takes none of these: they hold futures, and are none.
    pub fn holds() -> (u8, [Pin<Box<dyn Future<Output = u8>>>; 1]) {
        todo!()
    }

    pub fn holds_one() -> Option<Immediate<u8>> {
        None
    }

    pub fn can_become_one() -> impl IntoFuture {
        std::future::ready(1)
    }

    pub fn not_unpin<F: Future<Output = u8>>(f: F) -> Box<F> {
        Box::new(f)
    }

    pub const fn constant<const N: usize>(number: [u8; N]) -> u64 {
        1
    }

    pub extern "C" fn foreign(number: u8) -> u8 {
        number
    }

    #[deprecated]
    pub fn out_of_date() {}

    #[cfg(test)]
    pub fn conditional() -> u8 {
        1
    }

    #[cfg(not(test))]
    pub fn conditional() -> NotThere {}

    pub fn r#type(r#fn: u8) -> u8 {
        r#fn
    }

    #[allow(non_snake_case)]
    pub fn Upper(argument1: u8, self_: u8) -> u8 {
        argument1
    }

    pub fn returned_by(map: BTreeMap<u8, u8>) -> Result<BTreeMap<u8, u8>, Box<dyn std::error::Error>> {
        Ok(map)
    }

    pub async fn show() -> String {
        user.sub().into_owned()
    }
}

#[allow(dead_code, missing_debug_implementations, unused_variables)]
#[with_api_auth_required]
mod methods {
    use std::pin::Pin;
    use std::sync::Arc;

    pub struct Api<'a, T, const N: usize>(&'a T);

    impl<'a, T: Clone + 'a, const N: usize> Api<'a, T, N>
    where
        [T; N]: Sized,
    {
        pub const LIMIT: usize = N;
        pub const NAMES: &'static [&'static str] = &["a"];

        pub fn new(value: &'a T) -> Self {
            Self(value)
        }

        pub fn alone() -> Option<Self> {
            None
        }

        fn into_inner(self) -> T {
            self.0.clone()
        }

        pub fn changed(mut self, value: &'a T) -> Self {
            self.0 = value;
            self
        }

        pub fn boxed<U>(self: Box<Self>, other: U) -> (Box<Self>, U) {
            (self, other)
        }

        pub fn get(&self) -> &T {
            self.0
        }

        pub fn later(&self) -> Pin<Box<dyn Future<Output = u8> + '_>> {
            Box::pin(async { 1 })
        }

        pub fn shared(self: &Arc<Self>) -> Pin<Box<dyn Future<Output = u8> + '_>> {
            Box::pin(async { 1 })
        }

        pub fn iterator(self, by: impl Fn(T) -> u8) -> impl Iterator<Item = u8> {
            std::iter::once(by(self.0.clone()))
        }
    }

    impl dyn super::Object {
        pub fn of_an_object() -> u8 {
            1
        }
    }

    pub async fn show() {}
}

pub trait Object {}

#[allow(dead_code, missing_debug_implementations, unused_variables)]
#[with_api_auth_required]
mod traits {
    use std::future::Ready;
    use std::str::FromStr;

    pub struct Api(u8);

    pub trait Show<T> {
        const NAME: &'static str;
        const DEFAULT: u8 = 1;
        type Shown;

        fn shown(self, other: T) -> Self::Shown;

        fn made() -> Self
        where
            Self: Sized;

        fn provided<U: Default>(self: Box<Self>, by: impl Fn(U) -> u8) -> u8 {
            by(U::default())
        }

        fn opaque(self) -> impl Iterator<Item = u8>
        where
            Self: Sized,
        {
            [].into_iter()
        }
    }

    impl<T> Show<T> for Api {
        const NAME: &'static str = "api";
        type Shown = (T, u8);

        fn shown(self, other: T) -> Self::Shown {
            #![allow(unused_mut)]
            type Shown = u8;
            let number: Shown = self.0;
            (other, number)
        }

        fn made() -> Self {
            Self(1)
        }
    }

    impl Default for Api {
        fn default() -> Self {
            Self(1)
        }
    }

    impl From<Api> for Box<dyn Object> {
        fn from(api: Api) -> Self {
            // The value becomes the trait object of the return type.
            Box::new(api)
        }
    }

    impl FromStr for Api {
        type Err = std::num::ParseIntError;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            Ok(Self(text.parse()?))
        }
    }

    impl IntoFuture for Api {
        type Output = u8;
        type IntoFuture = Ready<u8>;

        fn into_future(self) -> Self::IntoFuture {
            std::future::ready(self.0)
        }
    }

    impl axum::response::IntoResponse for Api {
        fn into_response(self) -> axum::response::Response {
            self.0.to_string().into_response()
        }
    }

    /// A trait object of this can be made still.
    pub trait Object {
        fn get(&self) -> u8;

        fn take(self: Box<Self>) -> Vec<u8>;
    }

    impl Object for Api {
        fn get(&self) -> u8 {
            self.0
        }

        fn take(self: Box<Self>) -> Vec<u8> {
            vec![self.0]
        }
    }

    pub async fn show() -> String {
        let object: Box<dyn Object> = Api::default().into();
        object.take().len().to_string()
    }
}

#[allow(dead_code)]
#[with_api_auth_required]
mod constants {
    use std::collections::BTreeMap;
    use std::sync::{LazyLock, Mutex};

    use super::elsewhere::Number;

    pub const LIMIT: usize = 10;
    const NAMES: [&str; 2] = ["a", "b"];
    pub(crate) static COUNT: Mutex<Number> = Mutex::new(0);
    static MAP: LazyLock<BTreeMap<u8, &str>> = LazyLock::new(BTreeMap::new);
    pub static mut CHANGED: Number = 1;
    const _: () = assert!(LIMIT > 1);
    // Without a name it can't be given to a router.
    const _: fn() = || {};

    #[helper]
    pub const HELPER: fn() -> u8 = || 1;

    pub async fn show() {}
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new()
        .route("/functions", get(functions::show))
        .route("/methods", get(methods::show))
        .route("/traits", get(traits::show))
        .route("/constants", get(constants::show));
}
