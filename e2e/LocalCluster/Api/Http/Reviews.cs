using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary>Whose token is it, and may they? Everybody may do everything, unless a test says otherwise.</summary>
/// <param name="mayDo">A user's name and the <c>resourceAttributes</c> of the question; null = everything.</param>
internal sealed class Reviews(Func<string, JsonObject, bool>? mayDo)
{
    public static async Task OfTokenAsync(HttpContext context)
    {
        JsonObject review = Bodies.AsObject(await Bodies.ReadAsync(context.Request, context.RequestAborted));
        string token = review["spec"].Text("token") ?? "";
        review["status"] = token.Length == 0 ? new JsonObject { ["authenticated"] = false } : new JsonObject { ["authenticated"] = true, ["user"] = Users.Info(token) };
        await Bodies.WriteAsync(context.Response, 201, review);
    }

    public async Task OfAccessAsync(HttpContext context)
    {
        JsonObject review = Bodies.AsObject(await Bodies.ReadAsync(context.Request, context.RequestAborted));
        review["status"] = new JsonObject { ["allowed"] = mayDo?.Invoke(review["spec"].Text("user") ?? "", review["spec"]?["resourceAttributes"] as JsonObject ?? []) ?? true };
        await Bodies.WriteAsync(context.Response, 201, review);
    }
}
