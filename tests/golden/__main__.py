"""Show what has moved since the golden run was kept, and keep the run as it is now."""

from tests.golden import differences, keep, kept, levers, now, shown

if __name__ == "__main__":
    fresh, table = now(), levers.now()
    try:
        moved, moved_levers = differences(kept(), fresh), levers.differences(levers.kept(), table)
    except FileNotFoundError:
        print("There was no golden run yet.")
    else:
        print("The golden run has not moved." if moved.is_empty() else shown(moved))
        print("The golden levers have not moved." if moved_levers.is_empty() else levers.shown(moved_levers))
    keep(fresh)
    levers.keep(table)
    print("Kept. If outcomes moved, say so in CHANGELOG.md under Results: which, by how much, and why.")
