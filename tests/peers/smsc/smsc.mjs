// An SMS centre on loopback. It tells what comes on its standard output, a line of JSON each, and
// takes orders the same way on its standard input. Whatever it is told to do, it does to all
// connections that are bound.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const smpp = createRequire(import.meta.url)("smpp");
const sessions = new Set();
let mood = { status: 0, silent: false, receipts: "both", stat: "DELIVRD" };
let next = 1000;

const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const hex = (message) => Buffer.from(message?.message ?? message ?? "").toString("hex");

function receipt(session, pdu, id) {
	if (!(pdu.registered_delivery & 1) || mood.receipts === "none") return;
	const text = `id:${id} sub:001 dlvrd:001 submit date:2611240900 done date:2611240901 stat:${mood.stat} err:000 text:`;
	const tlvs =
		mood.receipts === "text"
			? {}
			: { receipted_message_id: id, message_state: mood.stat === "DELIVRD" ? 2 : 5 };
	session.deliver_sm(
		{
			source_addr_ton: pdu.dest_addr_ton,
			source_addr: pdu.destination_addr,
			destination_addr: pdu.source_addr,
			esm_class: 4,
			short_message: Buffer.from(text),
			...tlvs,
		},
		(answer) => tell({ kind: "receipted", id, status: answer.command_status }),
	);
}

const server = smpp.createServer({ debug: false }, (session) => {
	session.on("error", () => {});
	session.on("close", () => {
		if (sessions.delete(session)) tell({ kind: "gone" });
	});
	session.on("bind_transceiver", (pdu) => {
		if (pdu.system_id !== "hotline" || pdu.password !== "secret") {
			session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
			return;
		}
		session.send(pdu.response());
		sessions.add(session);
		tell({ kind: "bound", system_type: pdu.system_type });
	});
	session.on("submit_sm", (pdu) => {
		const { silent, status } = mood;
		const id = String(next++);
		tell({
			kind: "submitted",
			id,
			status,
			source: pdu.source_addr,
			to: pdu.destination_addr,
			ton: pdu.dest_addr_ton,
			coding: pdu.data_coding,
			esm_class: pdu.esm_class,
			udh: pdu.short_message.udh?.map((one) => one.toString("hex")) ?? [],
			text: pdu.short_message.message.toString(),
		});
		if (silent) return;
		session.send(pdu.response(status ? { command_status: status } : { message_id: id }));
		if (!status) receipt(session, pdu, id);
	});
	session.on("enquire_link", (pdu) => session.send(pdu.response()));
	session.on("unbind", (pdu) => {
		tell({ kind: "unbound" });
		session.send(pdu.response());
		session.close();
	});
});

const orders = {
	mood: (order) => {
		mood = { ...mood, ...order.mood };
	},
	deliver: (order) => {
		for (const session of sessions) {
			session.deliver_sm(
				{
					source_addr_ton: 1,
					source_addr: order.number,
					destination_addr: order.to,
					data_coding: order.coding ?? 0,
					esm_class: order.udh ? 0x40 : order.receipt ? 0x04 : 0,
					short_message: order.udh
						? { udh: Buffer.from(order.udh, "hex"), message: Buffer.from(order.octets, "hex") }
						: Buffer.from(order.octets, "hex"),
				},
				(answer) => tell({ kind: "answered", name: order.name, status: answer.command_status }),
			);
		}
	},
	drop: () => {
		for (const session of sessions) session.destroy();
	},
};

createInterface({ input: process.stdin }).on("line", (line) => {
	const order = JSON.parse(line);
	orders[order.order](order);
	tell({ kind: "done", order: order.order });
});
process.stdin.on("end", () => process.exit(0));
server.listen(Number(process.argv[2]), "127.0.0.1", () => tell({ kind: "listening" }));
