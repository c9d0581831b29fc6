using System.Text.Json;

namespace Monitoring.Agent.Exposition.Api;

/// <summary><c>GET /api/v1/rules[?rule=NAME]</c>: where every instance of every rule stands, and why it does not fire.</summary>
internal static class RulesEndpoint
{
    internal static Task Answer(HttpContext context, LocalApi api)
    {
        if (LocalApiRoutes.UnknownParameter(context, "rule") is { } unknown) return LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, unknown);
        var rule = context.Request.Query["rule"].ToString();
        var all = api.Rules();
        RuleInstance[] rules =
        [
            .. from status in all
               where rule.Length == 0 || status.Rule == rule
               select new RuleInstance(status.Rule, status.Gpu?.Reference.Index, status.Gpu?.Uuid ?? "", status.Gpu?.PciBusId ?? "", status.Instance, JsonNamingPolicy.SnakeCaseLower.ConvertName(status.State.ToString()),
                   DateTimeOffset.UnixEpoch.AddMicroseconds(status.Since), status.IsShadow, status.IsLimited, status.Fired, status.Suppressed, status.Why),
        ];
        return rules is [] && rule.Length > 0
            ? LocalApiRoutes.Refuse(context, StatusCodes.Status404NotFound, $"rule is '{rule}', and no such rule looks at anything here; GET /api/v1/rules names those that do")
            : LocalApiRoutes.Write(context, new RuleList(rules), ApiJson.Readable.RuleList);
    }
}
