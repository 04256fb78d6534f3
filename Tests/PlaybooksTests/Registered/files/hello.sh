#!/bin/sh
echo "hello $1"; echo err >&2
