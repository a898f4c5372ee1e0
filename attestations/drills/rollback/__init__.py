"""The rollback drill: a bad version is out, and every way back from it is walked and timed on real servers."""
