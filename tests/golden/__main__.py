"""Show what has moved since the golden run was kept, and keep the run as it is now."""

from tests.golden import differences, keep, kept, now, shown

if __name__ == "__main__":
    fresh = now()
    try:
        moved = differences(kept(), fresh)
    except FileNotFoundError:
        print("There was no golden run yet.")
    else:
        print("The golden run has not moved." if moved.is_empty() else shown(moved))
    keep(fresh)
    print("Kept. If outcomes moved, say so in CHANGELOG.md under Results: which, by how much, and why.")
