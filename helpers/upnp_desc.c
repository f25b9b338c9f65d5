/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Device and service descriptions (UDA 1.1 section 2), printed from the table. URLs are
 * relative to where the description came from, so it is the same for every address of the box.
 * The order of elements is the schema's: some control points read no other.
 */
#include "upnp_desc.h"

static const char *const type_names[] = {
	[SL_UPNP_STRING] = "string",
	[SL_UPNP_BOOLEAN] = "boolean",
	[SL_UPNP_UI2] = "ui2",
	[SL_UPNP_UI4] = "ui4",
};

void
sl_upnp_urn(struct sl_text *t, bool service, const char *type, unsigned int version)
{
	sl_text_add(
		t, "urn:schemas-upnp-org:%s:%s:%u", service ? "service" : "device", type, version);
}

static void
spec_version(struct sl_text *t, const struct sl_igd *igd)
{
	/* IGD:1 is of UDA 1.0, and control points of its time look here. */
	sl_text_add(t, "<specVersion><major>1</major><minor>%u</minor></specVersion>\n",
		igd->version == 2 ? 1 : 0);
}

static void
service(struct sl_text *t, const struct sl_igd *igd, const struct sl_upnp_service *s)
{
	sl_text_add(t, "<service>\n<serviceType>");
	sl_upnp_urn(t, true, s->type, sl_upnp_version(igd, s));
	sl_text_add(t,
		"</serviceType>\n<serviceId>urn:upnp-org:serviceId:%s</serviceId>\n"
		"<SCPDURL>/%s.xml</SCPDURL>\n<controlURL>/ctl/%s</controlURL>\n"
		"<eventSubURL>/evt/%s</eventSubURL>\n</service>\n",
		s->id, s->path, s->path, s->path);
}

/* Each device but the last has the next one in it. */
static void
device(struct sl_text *t, const struct sl_igd *igd, unsigned int i)
{
	sl_text_add(t, "<device>\n<deviceType>");
	sl_upnp_urn(t, false, sl_upnp_devices[i], igd->version);
	sl_text_add(t,
		"</deviceType>\n<friendlyName>%s</friendlyName>\n"
		"<manufacturer>sluice</manufacturer>\n"
		"<modelDescription>carrier-grade NAT gateway</modelDescription>\n"
		"<modelName>sluice</modelName>\n<modelNumber>1</modelNumber>\n"
		"<UDN>uuid:%s</UDN>\n<serviceList>\n",
		i == 0 ? "sluice" : sl_upnp_devices[i], igd->udn[i]);
	for (unsigned int s = 0; s < SL_UPNP_SERVICES; s++)
		if (sl_upnp_services[s].device == i)
			service(t, igd, &sl_upnp_services[s]);
	sl_text_add(t, "</serviceList>\n");
	if (i + 1 < 3) {
		sl_text_add(t, "<deviceList>\n");
		device(t, igd, i + 1);
		sl_text_add(t, "</deviceList>\n");
	}
	sl_text_add(t, "</device>\n");
}

void
sl_upnp_describe(struct sl_text *t, const struct sl_igd *igd)
{
	sl_text_add(t, "<?xml version=\"1.0\"?>\n"
		       "<root xmlns=\"urn:schemas-upnp-org:device-1-0\">\n");
	spec_version(t, igd);
	device(t, igd, 0);
	sl_text_add(t, "</root>\n");
}

static void
arguments(struct sl_text *t, const struct sl_upnp_arg *args, const char *direction)
{
	for (; args->name != NULL; args++)
		sl_text_add(t,
			"<argument><name>%s</name><direction>%s</direction>"
			"<relatedStateVariable>%s</relatedStateVariable></argument>\n",
			args->name, direction, args->var);
}

static void
action(struct sl_text *t, const struct sl_upnp_action *a)
{
	sl_text_add(t, "<action>\n<name>%s</name>\n", a->name);
	if (a->in[0].name != NULL || a->out[0].name != NULL) {
		sl_text_add(t, "<argumentList>\n");
		arguments(t, a->in, "in");
		arguments(t, a->out, "out");
		sl_text_add(t, "</argumentList>\n");
	}
	sl_text_add(t, "</action>\n");
}

static void
variable(struct sl_text *t, const struct sl_upnp_var *v, unsigned int version)
{
	sl_text_add(t,
		"<stateVariable sendEvents=\"%s\">\n<name>%s</name>\n<dataType>%s</dataType>\n",
		v->value != NULL ? "yes" : "no", v->name, type_names[v->type]);
	if (v->allowed != NULL) {
		sl_text_add(t, "<allowedValueList>\n");
		for (unsigned int i = 0; v->allowed[i] != NULL; i++)
			sl_text_add(t, "<allowedValue>%s</allowedValue>\n", v->allowed[i]);
		sl_text_add(t, "</allowedValueList>\n");
	}
	if (v->max != 0 && sl_upnp_has(v->range_since, version))
		sl_text_add(t,
			"<allowedValueRange><minimum>%u</minimum><maximum>%u</maximum>"
			"</allowedValueRange>\n",
			v->min, v->max);
	sl_text_add(t, "</stateVariable>\n");
}

void
sl_upnp_describe_service(
	struct sl_text *t, const struct sl_igd *igd, const struct sl_upnp_service *s)
{
	unsigned int version = sl_upnp_version(igd, s);

	sl_text_add(t, "<?xml version=\"1.0\"?>\n"
		       "<scpd xmlns=\"urn:schemas-upnp-org:service-1-0\">\n");
	spec_version(t, igd);
	sl_text_add(t, "<actionList>\n");
	for (const struct sl_upnp_action *a = s->actions; a->name != NULL; a++)
		if (sl_upnp_has(a->since, version))
			action(t, a);
	sl_text_add(t, "</actionList>\n<serviceStateTable>\n");
	for (const struct sl_upnp_var *v = s->vars; v->name != NULL; v++)
		if (sl_upnp_has(v->since, version))
			variable(t, v, version);
	sl_text_add(t, "</serviceStateTable>\n</scpd>\n");
}
