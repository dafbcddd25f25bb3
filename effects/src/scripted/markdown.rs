//! A Markdown document with one of everything, for the `md` directive.

/// The document.
pub(crate) const DOCUMENT: &str = r#"# A tour of Markdown

Some *emphasis*, **strong words**, `inline code`, ~~struck text~~ and a [link](https://example.com/a/b).

## Lists

1. the first item
2. the second item, which is long enough that it has to wrap in a narrow terminal, as it does right here
   - a nested bullet
   - another nested bullet
3. the third item

> A quotation
> on two lines.

## Code

```rust
fn main() {
    // A comment.
    let answer: u32 = 41 + 1;
    println!("{answer}");
}
```

```sh
grep -rn "TODO" src | head -5
```

## A table

| name | count | note |
|------|------:|:----:|
| alpha | 1 | first |
| beta | 22 | second, and longer |

- [ ] an open task
- [x] a task that is done

---

### The end

See src/main.rs:12 for more.
"#;
