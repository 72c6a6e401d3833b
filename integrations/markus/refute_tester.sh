#!/usr/bin/env bash
# MarkUs runs this in a folder that holds what was handed in and, over it, the files of this tester. It prints MarkUs's
# JSON objects and nothing else, and leaves feedback.html. When Refute fails it prints no result at all, so that MarkUs
# leaves the mark open, and says on standard error what happened.
set -euo pipefail

refute=${REFUTE:-/opt/refute/bin/refute} # where the autotest server has Refute
project=${REFUTE_PROJECT:-/}             # the folder of your own claim project; / is the homework that comes with Refute
policy=${REFUTE_POLICY:-}                # policy.toml, if you upload one beside this file
seconds=${REFUTE_SECONDS:-240}           # less than the timeout in specs.json
most_bytes=5000000                       # of a feedback file, in MarkUs

me=$(basename -- "$0")
here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
mkdir -- "$scratch/submission" "$scratch/results"

feedback() { # a page that only says "$1", in place of whatever is called feedback.html
    rm -rf -- "$here/feedback.html"
    printf '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Refute</title><p>%s</p></html>\n' "$1" \
        >"$here/feedback.html"
}

fail() {
    feedback 'The checker failed; a person will mark this submission.'
    printf 'refute: %s\n' "$1" >&2
    if [[ -s $scratch/log ]]; then tail -c 2000 -- "$scratch/log" >&2; fi
    exit 1
}

# The student's files alone, without a name of ours. Refute runs elsewhere, or a pyproject.toml that a student hands in
# would make the submission a claim project, whose Python is run.
ours=(! -name "$me")
options=()
if [[ -n $policy ]]; then
    [[ -f $policy ]] || fail "there is no $policy beside $me"
    cp -- "$policy" "$scratch/policy.toml"
    ours+=(! -name "$policy")
    options=(--policy "$scratch/policy.toml")
fi
find . -mindepth 1 -maxdepth 1 "${ours[@]}" -exec cp -dR -t "$scratch/submission" -- {} + \
    || fail 'the submission could not be copied'
# A folder of nothing but folders would be many submissions: with a text in it, though empty, it is one.
if [[ -n $(find "$scratch/submission" -mindepth 1 -maxdepth 1 \( -type d -o -iname '*.zip' \) -print -quit) ]]; then
    : >"$scratch/submission/one-submission.txt"
fi

status=0
cd -- "$project" || fail "there is no folder $project"
timeout --kill-after=5 "$seconds" "$refute" grade "$scratch/submission" --format markus --format html \
    --out "$scratch/results" "${options[@]}" </dev/null >"$scratch/log" 2>&1 || status=$?
cd -- "$here"
[[ $status == 0 || $status == 5 ]] || fail "the checker ended with $status" # 5: some of it is for a person
[[ -s $scratch/results/markus.jsonl ]] || fail 'the checker wrote no results'

if [[ ! -f $scratch/results/feedback.html ]]; then
    feedback 'There is no feedback.'
elif (($(stat -c %s -- "$scratch/results/feedback.html") > most_bytes)); then
    feedback 'The feedback is too large to be shown here.'
else
    rm -rf -- feedback.html
    cp -- "$scratch/results/feedback.html" feedback.html
fi
cat -- "$scratch/results/markus.jsonl"
