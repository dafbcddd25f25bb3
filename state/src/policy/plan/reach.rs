//! What a plan lets a path be: for patches, which Quire writes itself, and for the words about a failure.

use super::{SandboxPlan, is_within};

impl SandboxPlan {
    /// Whether the file at this absolute path may be written: the nearest of roots, hidden and readable paths above it is
    /// a root, and no protected name at the top of any root lies above it.
    pub fn may_write(&self, path: &str) -> bool {
        let nearest = |paths: &mut dyn Iterator<Item = &String>| {
            paths.filter(|above| is_within(path, above)).map(|above| above.trim_end_matches('/').len()).max()
        };
        let root = nearest(&mut self.roots.iter().map(|root| &root.path));
        let kept = nearest(&mut self.hidden.iter().chain(&self.readable));
        root.is_some() && root > kept && self.protected_name(path).is_none() && !self.fits_pattern(path)
    }

    /// Whether the file at this absolute path may be read: nothing hidden lies nearer above it than a root or a readable
    /// path.
    pub fn may_read(&self, path: &str) -> bool {
        let nearest = |paths: &mut dyn Iterator<Item = &String>| {
            paths.filter(|above| is_within(path, above)).map(|above| above.trim_end_matches('/').len()).max()
        };
        let open = nearest(&mut self.roots.iter().map(|root| &root.path).chain(&self.readable));
        let hidden = nearest(&mut self.hidden.iter());
        (hidden.is_none() || open > hidden) && !self.fits_pattern(path)
    }

    /// Whether the path is, or lies in, something that was named to be hidden, or fits a pattern.
    pub fn denies(&self, path: &str) -> bool {
        let is_hidden = |hidden: &String| hidden != "/" && is_within(path, hidden);
        self.hidden.iter().any(is_hidden) || self.fits_pattern(path)
    }

    fn fits_pattern(&self, path: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.hides(path))
    }

    /// The protected name at the top of a root that this path is or lies below, whatever the case of its letters.
    pub fn protected_name(&self, path: &str) -> Option<&str> {
        self.roots.iter().find_map(|root| {
            let rest = path.strip_prefix(root.path.trim_end_matches('/'))?.strip_prefix('/')?;
            let first = rest.split('/').next()?;
            root.protected.iter().find(|name| name.eq_ignore_ascii_case(first)).map(String::as_str)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{Network, Pattern, Root, SandboxPlan};

    #[test]
    fn the_nearest_entry_decides() {
        let root = |path: &str| Root {
            path: path.to_owned(),
            protected: vec![".git".to_owned()],
            is_optional: false,
            is_temporary: false,
        };
        let plan = SandboxPlan {
            cwd: "/work".to_owned(),
            roots: vec![root("/work"), root("/work/kept/open"), root("/tmp/")],
            hidden: vec!["/".to_owned(), "/work/secret".to_owned()],
            readable: vec!["/work/kept".to_owned()],
            patterns: vec![Pattern { folder: "/work".to_owned(), glob: "**/*.env".to_owned(), depth: None }],
            workspace: Vec::new(),
            network: Network::Off,
            local_sockets: false,
        };
        for (path, may) in [
            ("/work/a", true),
            ("/work/src/.git/a", true),
            ("/work/.git/a", false),
            ("/work/.GIT", false),
            ("/work/secret/a", false),
            ("/work/secrets", true),
            ("/work/kept/a", false),
            ("/work/kept/open/a", true),
            ("/work/kept/open/.git", false),
            ("/work/kept/open/a.env", false),
            ("/work/a.env/x", false),
            ("/tmp/a.env", true),
            ("/tmp/a", true),
            ("/etc/passwd", false),
            ("/workshop/a", false),
        ] {
            assert_eq!(plan.may_write(path), may, "{path}");
        }
    }
}
