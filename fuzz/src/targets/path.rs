//! Paths of 05 and of 06.

use unixfs_car::Path;

use crate::limit::within;

/// Both, of the same text.
pub(super) fn check(bytes: &[u8]) {
    let names = within(bytes, 64, || Path::parse(bytes));
    if let Ok(path) = &names {
        let again = Path::parse(path.to_string().as_bytes()).expect("it was a path");
        assert_eq!(again.root, path.root);
        // A name that is no text is shown as text, and is another name then.
        if std::str::from_utf8(bytes).is_ok() {
            assert_eq!(&again, path);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(path) = within(bytes, 64, || text.parse::<dag_ipld::Path>()) {
        assert_eq!(path.to_string().parse().ok(), Some(path.clone()));
        if let Ok(names) = names {
            assert_eq!(names.root, path.root, "{text}");
        }
    }
}
