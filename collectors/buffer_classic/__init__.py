"""Buffer's classic REST interface, which ends on 2027-02-01; see README.md."""
