// #[with_api_auth_required]
// /// Documented.
// #[cfg(feature = "api")]
// impl<'a, T: Store> Api<'a, T> where T: for<'b> Read<'b> {
//     #![expect(unused)]
//     pub const LIMIT: usize = 10;
//     pub async fn list(State(store): State<T>) -> Json<Vec<Self>> { Self::LIMIT }
//     #[public]
//     pub async fn count() -> usize { 1 }
//     #[helper]
//     async fn load(&self) -> u8 { 1 }
//     fn new() -> Self { Self }
//     fn boxed(self: &Arc<Self>) -> BoxFuture<'_, ()> { todo!() }
// }

/// Documented.
#[cfg(feature = "api")]
impl<'a, T: Store> Api<'a, T>
where
    T: for<'b> Read<'b>,
{
    #![expect(unused)]
    pub const LIMIT: usize = 10;
    #[doc(hidden)]
    fn __held_by_LIMIT() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::holds_no_handler(
            (&&&::auth_runtime::__private::Value(
                ::auth_runtime::__private::never::<usize>(),
            ))
                .__auth_runtime_verdict(),
        );
    }
    #[cfg(feature = "api")]
    pub async fn list(
        __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
        user: ::auth_runtime::__private::User,
        ::auth_runtime::__private::Behind(
            State(store),
        ): ::auth_runtime::__private::Behind<State<T>>,
    ) -> ::auth_runtime::__private::Guarded<Json<Vec<Self>>> {
        let _ = &user;
        __auth.enter();
        let __response = async move {
            if false {
                return ::auth_runtime::__private::never::<Json<Vec<Self>>>();
            }
            match () {
                () => Self::LIMIT,
            }
        }
            .await;
        __auth.finish(__response).await
    }
    pub async fn count(__public: ::auth_runtime::__private::Public) -> usize {
        1
    }
    async fn load(&self) -> u8 {
        1
    }
    fn new() -> Self {
        Self
    }
    #[doc(hidden)]
    fn __returned_by_new() {
        use ::auth_runtime::__private::{IsCallable as _, IsFuture as _, IsOther as _};
        ::auth_runtime::__private::returns_no_future(
            (&&&::auth_runtime::__private::Value(Self::new())).__auth_runtime_verdict(),
        );
    }
    fn boxed(self: &Arc<Self>) -> BoxFuture<'_, ()> {
        todo!()
    }
}
