# Two stages: one builds, one runs as nobody with nothing but the program and the certificates.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin pmm-gateway

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin pmm \
    && install -d -o pmm -g pmm -m 0700 /data
COPY --from=build /build/target/release/pmm-gateway /usr/local/bin/pmm-gateway
USER 10001:10001
VOLUME /data
ENV PMM__DATA_DIR=/data PMM__PUBLIC__LISTEN=0.0.0.0:8080 PMM__INTERNAL__LISTEN=0.0.0.0:8081 PMM__LOG__FORMAT=json
# 8080 is for the internet (behind a TLS proxy), 8081 for your own people only.
EXPOSE 8080 8081
ENTRYPOINT ["/usr/local/bin/pmm-gateway"]
CMD ["serve"]
