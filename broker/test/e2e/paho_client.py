"""paho-mqtt, driven by a test: one JSON object a line in, one a line out.

In: {"do": "connect" | "subscribe" | "unsubscribe" | "publish" | "drop" | "disconnect", ...}
Out: {"event": "connected" | "subscribed" | "unsubscribed" | "published" | "message" | "disconnected", ...}
Runs with paho-mqtt 1.6 and 2.x. Ends when its input ends.
"""

import json
import ssl
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

VERSIONS = {"3.1": mqtt.MQTTv31, "3.1.1": mqtt.MQTTv311, "5.0": mqtt.MQTTv5}
RECONNECT_SECONDS = 0.02
printing = threading.Lock()


def tell(event, **fields):
    """Callbacks come on a thread of their own."""
    with printing:
        print(json.dumps({"event": event, **fields}), flush=True)


def properties_of(packet_type, fields):
    if not fields:
        return None
    properties = Properties(packet_type)
    for name, value in fields.items():
        if name == "CorrelationData":
            value = value.encode()
        if name == "UserProperty":
            value = [tuple(pair) for pair in value]
        setattr(properties, name, value)
    return properties


def fields_of(properties):
    fields = properties.json() if properties is not None else {}
    if "CorrelationData" in fields:
        fields["CorrelationData"] = bytes.fromhex(fields["CorrelationData"]).decode()
    return fields


def code_of(reason):
    return reason if isinstance(reason, int) else reason.value


def on_connect(client, userdata, flags, reason, properties=None):
    tell("connected", code=code_of(reason), sessionPresent=bool(flags["session present"]), properties=fields_of(properties))


def on_disconnect(client, userdata, reason, properties=None):
    tell("disconnected", code=code_of(reason))


def on_message(client, userdata, message):
    properties = fields_of(getattr(message, "properties", None))
    tell(
        "message",
        topic=message.topic,
        payload=message.payload.decode(),
        qos=message.qos,
        retain=bool(message.retain),
        dup=bool(message.dup),
        properties=properties,
    )


def on_subscribe(client, userdata, mid, granted, properties=None):
    tell("subscribed", codes=[code_of(reason) for reason in granted])


def on_unsubscribe(client, userdata, mid, properties=None, reasons=None):
    reasons = [] if reasons is None else reasons if isinstance(reasons, list) else [reasons]
    tell("unsubscribed", codes=[code_of(reason) for reason in reasons])


def on_publish(client, userdata, mid):
    tell("published")


def new_client(version, client_id, clean, transport):
    options = {"client_id": client_id, "protocol": version, "transport": transport}
    if version != mqtt.MQTTv5:
        options["clean_session"] = clean
    if hasattr(mqtt, "CallbackAPIVersion"):
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, **options)
    return mqtt.Client(**options)


def connect(version, port, clientId, clean=True, transport="tcp", properties=None, will=None, tls=None):
    protocol = VERSIONS[version]
    client = new_client(protocol, clientId, clean, transport)
    for handler in (on_connect, on_disconnect, on_message, on_subscribe, on_unsubscribe, on_publish):
        setattr(client, handler.__name__, handler)
    client.reconnect_delay_set(RECONNECT_SECONDS, 1)
    if transport == "websockets":
        client.ws_set_options(path="/mqtt")
    if tls:
        client.tls_set(
            ca_certs=tls["ca"],
            certfile=tls.get("cert"),
            keyfile=tls.get("key"),
            tls_version=ssl.PROTOCOL_TLSv1_2 if tls.get("version") == "1.2" else ssl.PROTOCOL_TLS_CLIENT,
        )
    if will:
        will_properties = properties_of(PacketTypes.WILLMESSAGE, will.get("properties"))
        client.will_set(will["topic"], will["payload"], will["qos"], will.get("retain", False), will_properties)
    extra = {}
    if protocol == mqtt.MQTTv5:
        extra = {"clean_start": clean, "properties": properties_of(PacketTypes.CONNECT, properties)}
    client.connect("127.0.0.1", port, **extra)
    client.loop_start()
    return client


def subscribe(client, filter, qos=0, options=None, properties=None):
    if options is None and properties is None:
        client.subscribe(filter, qos)
        return
    options = SubscribeOptions(qos=qos, **(options or {}))
    client.subscribe(filter, options=options, properties=properties_of(PacketTypes.SUBSCRIBE, properties))


def publish(client, topic, payload, qos=0, retain=False, properties=None):
    extra = {"properties": properties_of(PacketTypes.PUBLISH, properties)} if properties else {}
    client.publish(topic, payload, qos, retain, **extra)


def drop(client):
    """Breaks the connection as a network does; paho then connects again by itself."""
    sock = client.socket()
    if sock is not None:
        sock.shutdown(2)


def main():
    client = None
    for line in sys.stdin:
        order = json.loads(line)
        do = order.pop("do")
        if do == "connect":
            client = connect(**order)
        elif do == "subscribe":
            subscribe(client, **order)
        elif do == "unsubscribe":
            client.unsubscribe(order["filter"])
        elif do == "publish":
            publish(client, **order)
        elif do == "drop":
            drop(client)
        elif do == "disconnect":
            client.disconnect()


main()
