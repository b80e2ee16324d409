#!/bin/sh
# What a pipeline does for a pull request, whoever runs it:
#
#   preview.sh deploy NAME FOLDER TAG   make the sandbox if it is not there, build
#                                       FOLDER's image, push it, wait until it is live
#   preview.sh delete NAME              take everything away
#
# It needs mayfly, and buildah or docker. MAYFLY_API says where Mayfly is; for
# AWS, AWS_ENDPOINT_URL_ECR=aws is set, and credentials that may push. The site's address
# is the last line that deploy prints.
set -eu

# build makes an image of a folder, or of its Containerfile when it has one, and pushes it.
build() { # FOLDER IMAGE
  if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
    docker build -q -t "$2" "$1" >/dev/null
    docker push -q "$2" >/dev/null
  elif command -v buildah >/dev/null; then
    buildah build -q -t "$2" "$1" >/dev/null
    buildah push -q "$2" >/dev/null
  else
    echo 'preview.sh needs docker or buildah' >&2
    exit 1
  fi
}

case "${1:-}" in
deploy)
  name=$2 folder=$3 tag=$4
  # A push does not deploy by itself here, so that the pipeline waits for, and fails with,
  # the one release that it asked for.
  mayfly create "$name" --ttl 14d --deploy none --wait >&2
  repository=$(mayfly show "$name" -o json | sed -n 's/.*"repositoryUri": *"\([^"]*\)".*/\1/p')
  mayfly login >&2
  build "$folder" "$repository:$tag"
  mayfly release "$name" --image "$tag" >&2
  mayfly show "$name" -o json | sed -n 's/.*"url": *"\([^"]*\)".*/\1/p'
  ;;
delete)
  mayfly delete "$2" --yes --wait
  ;;
*)
  sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,8p >&2
  exit 2
  ;;
esac
