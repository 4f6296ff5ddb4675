// #[with_api_auth_required]
// /// Documented.
// #[cfg(feature = "api")]
// pub(crate) mod api {
//     #![expect(unused_imports)]
//     //! Also documented.
//     use super::*;
//     extern crate alloc;
//     const LIMIT: u64 = { 1 } + 2;
//     static NAMES: [&str; { 1 }] = ["a"];
//     type Page = Vec<Report>;
//     macro_rules! local { () => { async fn not_an_item() {} } }
//     pub struct Report<const N: usize = { 3 }>(u8);
//     #[derive(Clone)]
//     enum Kind { A { b: u8 } }
//     extern "C" { fn foreign(); }
//     /// A handler.
//     #[tracing::instrument(skip_all)]
//     pub async fn list<T: Store>(State(s): State<T>) -> Json<Page> where T: Send { s.list(user).await }
//     async fn private(user: User) {}
//     fn synchronous() -> Page { async fn inner() {} Vec::new() }
//     const fn constant() {}
//     unsafe fn dangerous() {}
//     fn later(&self) -> BoxFuture<'_, u8> { todo!() }
//     #[tokio::test]
//     async fn a_test() {}
//     #[test]
//     fn another() {}
// }

/// Documented.
#[cfg(feature = "api")]
pub(crate) mod api {
    #![expect(unused_imports)]
    //! Also documented.
    use super::*;
    extern crate alloc;
    const LIMIT: u64 = { 1 } + 2;
    #[doc(hidden)]
    fn __held_by_LIMIT() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::holds_no_handler(
            (&&&::auth_runtime::__private::Value(
                ::auth_runtime::__private::never::<u64>(),
            ))
                .__auth_runtime_verdict(),
        );
    }
    static NAMES: [&str; { 1 }] = ["a"];
    #[doc(hidden)]
    fn __held_by_NAMES() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::holds_no_handler(
            (&&&::auth_runtime::__private::Value(
                ::auth_runtime::__private::never::<[&str; { 1 }]>(),
            ))
                .__auth_runtime_verdict(),
        );
    }
    type Page = Vec<Report>;
    macro_rules! local {
        () => {
            async fn not_an_item() {}
        };
    }
    pub struct Report<const N: usize = { 3 }>(u8);
    #[derive(Clone)]
    enum Kind {
        A { b: u8 },
    }
    extern "C" {
        fn foreign();
    }
    /// A handler.
    #[tracing::instrument(skip_all)]
    #[::auth_runtime::__private::behind(::auth_runtime::__private::Behind)]
    pub async fn list<T: Store>(
        __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
        user: ::auth_runtime::__private::User,
        State(s): State<T>,
    ) -> ::auth_runtime::__private::Guarded<Json<Page>>
    where
        T: Send,
    {
        let _ = &user;
        __auth.enter();
        let __response = async move {
            if false {
                return ::auth_runtime::__private::never::<Json<Page>>();
            }
            match () {
                () => s.list(user).await,
            }
        }
            .await;
        __auth.finish(__response).await
    }
    async fn private(
        __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
        ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
    ) -> ::auth_runtime::__private::Guarded<()> {
        __auth.enter();
        let __response = async move {
            if false {
                return ::auth_runtime::__private::never::<()>();
            }
            match () {
                () => {}
            }
        }
            .await;
        __auth.finish(__response).await
    }
    fn synchronous() -> Page {
        async fn inner() {}
        Vec::new()
    }
    #[doc(hidden)]
    fn __returned_by_synchronous() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(self::synchronous()))
                .__auth_runtime_verdict(),
        );
    }
    const fn constant() {}
    unsafe fn dangerous() {}
    fn later(&self) -> BoxFuture<'_, u8> {
        todo!()
    }
    #[tokio::test]
    async fn a_test() {}
    #[test]
    fn another() {}
}
