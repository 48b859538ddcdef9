//! The file of a refresh token: replaced as a whole, private, forgotten.

use super::*;

fn within(folder: &tempfile::TempDir) -> RefreshTokenFile {
    RefreshTokenFile::new(folder.path().join("graphctl").join("desk"))
}

#[tokio::test]
async fn a_token_is_kept_replaced_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = within(&folder);
    assert_eq!(file.load().await.unwrap(), None);
    assert!(!file.forget().unwrap());
    for text in ["first", "second"] {
        file.save(&text.into()).await.unwrap();
        assert_eq!(file.load().await.unwrap(), Some(text.into()));
    }
    let names = std::fs::read_dir(file.path().parent().unwrap()).unwrap();
    assert_eq!(names.count(), 1, "nothing is left of what was replaced");
    assert!(file.forget().unwrap());
    assert_eq!(file.load().await.unwrap(), None);
}

/// SEC-D13
#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone_and_refused_once_it_is_not() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = within(&folder);
    file.save(&"canary".into()).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file.path()), mode(file.path().parent().unwrap())), (0o600, 0o700));
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = file.load().await.unwrap_err().to_string();
    assert!(error.contains("0644") && !error.contains("canary"), "{error}");
    // The next sign-in makes it private again.
    file.save(&"second".into()).await.unwrap();
    assert_eq!(mode(file.path()), 0o600);
}

/// Whoever reads while others write finds one of the tokens, and never a part of one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_at_once_leave_a_whole_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = within(&folder);
    let tokens: Vec<Secret> = (0..8).map(|it| it.to_string().repeat(4_000).into()).collect();
    file.save(&tokens[0]).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for token in tokens.clone() {
        let file = file.clone();
        writers.spawn(async move {
            for _ in 0..20 {
                file.save(&token).await.unwrap();
            }
        });
    }
    for _ in 0..100 {
        let found = file.load().await.unwrap().unwrap();
        assert!(tokens.contains(&found));
    }
    writers.join_all().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("graphctl"), "a file in its place").unwrap();
    assert!(within(&folder).save(&"canary".into()).await.is_err());
}
