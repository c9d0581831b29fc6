using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>How Elasticsearch answers credentials that it does not take.</summary>
internal static class AccessAnswers
{
    internal static ServerAnswer Forbidden { get; } = ServerAnswer.Error(403, "security_exception",
        "action [indices:data/write/bulk] is unauthorized for API key id [VuaCfGcBCdbkQm-e5aOx] of user [writer], this action is granted by the index privileges [create_doc,create,delete,index,write,all]");

    internal static ServerAnswer Unauthorized(string path)
    {
        var header = new JsonObject { ["WWW-Authenticate"] = new JsonArray("Basic realm=\"security\" charset=\"UTF-8\"", "ApiKey") };
        return ServerAnswer.Error(401, "security_exception", $"missing authentication credentials for REST request [{path}]", ("header", header)) with
        {
            Headers = [("WWW-Authenticate", "Basic realm=\"security\" charset=\"UTF-8\""), ("WWW-Authenticate", "ApiKey")],
        };
    }
}
