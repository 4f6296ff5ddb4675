// #[with_api_auth_required]
// async fn nothing() {}

async fn nothing(
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

// #[with_api_auth_required]
// async fn one(Path(id): Path<u64>) -> Json<u64> { Json(id) }

async fn one(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        Path(id),
    ): ::auth_runtime::__private::Behind<Path<u64>>,
) -> ::auth_runtime::__private::Guarded<Json<u64>> {
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<Json<u64>>();
        }
        match () {
            () => Json(id),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn underscore(_user: User) -> String { user.sub().to_owned() }

async fn underscore(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(_user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<String> {
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<String>();
        }
        match () {
            () => user.sub().to_owned(),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn in_the_type_only(Path(id): Path<user>) -> u64 { id }

async fn in_the_type_only(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        Path(id),
    ): ::auth_runtime::__private::Behind<Path<user>>,
) -> ::auth_runtime::__private::Guarded<u64> {
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<u64>();
        }
        match () {
            () => id,
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required]
// async fn field_name_only(Parts { user: name }: Parts) -> String { name }

async fn field_name_only(
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        Parts { user: name },
    ): ::auth_runtime::__private::Behind<Parts>,
) -> ::auth_runtime::__private::Guarded<String> {
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<String>();
        }
        match () {
            () => name,
        }
    }
        .await;
    __auth.finish(__response).await
}
