"""The order in which judged passages are shown: dates, authority, duplicates, fair shares."""
