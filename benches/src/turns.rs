//! Measuring in turns: what is compared takes part in the same noise.

/// The median of what each case gives in its turns, an odd number of them. One turn more comes
/// first, which warms up and is not counted.
pub fn in_turns<const N: usize>(turns: usize, cases: [&dyn Fn() -> f64; N]) -> [f64; N] {
    let mut figures = [(); N].map(|()| Vec::new());
    for turn in 0..=turns {
        for (case, figures) in cases.iter().zip(&mut figures) {
            let figure = case();
            if turn > 0 {
                figures.push(figure);
            }
        }
    }
    figures.map(|mut figures| {
        figures.sort_by(f64::total_cmp);
        figures.get(turns / 2).copied().unwrap_or(f64::NAN)
    })
}
