// #[with_api_auth_required]
// mod outer {
//     mod inner {
//         #[cfg(a)]
//         mod innermost { async fn deep() {} }
//         #[with_api_auth_required(state = Inner)]
//         impl Api {
//             async fn method() {}
//             #[auth_runtime::with_api_auth_required(state = Method, crate = ::method)]
//             async fn own_options() {}
//         }
//     }
//     trait Load: Sized {
//         async fn load(&mut self) -> Self;
//         #[helper]
//         async fn make() -> Self { todo!() }
//         fn later(self: &Self) -> impl Future;
//     }
//     trait Alias = Load;
//     impl<T> FromRequestParts<T> for Api {
//         type Rejection = ();
//         #[helper]
//         async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, ()> { Ok(Self) }
//     }
//     impl tower::Service<u8> for Api {
//         type Future = BoxFuture<'static, u8>;
//         fn call(&mut self, request: u8) -> Self::Future { todo!() }
//     }
//     #[helper]
//     mod tests { async fn support() {} #[with_api_auth_required] async fn on_its_own() {} }
// }

mod outer {
    mod inner {
        #[cfg(a)]
        mod innermost {
            async fn deep(
                __auth: ::auth_runtime::__private::Guard<
                    ::auth_runtime::__private::Alone<::auth_runtime::__private::SignedIn>,
                >,
            ) -> ::auth_runtime::__private::Guarded<()> {
                let user = __auth.user();
                let _ = &user;
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
        }
        impl Api {
            async fn method(
                __auth: ::auth_runtime::__private::Guard<
                    ::auth_runtime::__private::Alone<::auth_runtime::__private::SignedIn>,
                >,
            ) -> ::auth_runtime::__private::Guarded<()> {
                fn __state_provides_auth<S>()
                where
                    S: ::auth_runtime::__private::ProvidesAuth,
                {}
                let _: fn() = __state_provides_auth::<Inner>;
                let user = __auth.user();
                let _ = &user;
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
            async fn own_options(
                __auth: ::method::__private::Guard<
                    ::method::__private::Alone<::method::__private::SignedIn>,
                >,
            ) -> ::method::__private::Guarded<()> {
                fn __state_provides_auth<S>()
                where
                    S: ::method::__private::ProvidesAuth,
                {}
                let _: fn() = __state_provides_auth::<Method>;
                let user = __auth.user();
                let _ = &user;
                __auth.enter();
                let __response = async move {
                    if false {
                        return ::method::__private::never::<()>();
                    }
                    match () {
                        () => {}
                    }
                }
                    .await;
                __auth.finish(__response).await
            }
        }
    }
    trait Load: Sized {
        async fn load(&mut self) -> Self;
        async fn make() -> Self {
            todo!()
        }
        fn later(self: &Self) -> impl Future;
    }
    trait Alias = Load;
    impl<T> FromRequestParts<T> for Api {
        type Rejection = ();
        async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, ()> {
            Ok(Self)
        }
    }
    impl tower::Service<u8> for Api {
        type Future = BoxFuture<'static, u8>;
        fn call(&mut self, request: u8) -> Self::Future {
            todo!()
        }
    }
    mod tests {
        async fn support() {}
        #[with_api_auth_required]
        async fn on_its_own() {}
    }
}
