using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using PushPlatform.Delivery;
using PushPlatform.Delivery.Ledger;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Informers;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Operator.Api;
using PushPlatform.Operator.Campaigns;
using PushPlatform.Operator.Telemetry;

namespace PushPlatform.Operator.Inquiry;

/// <summary>
/// Who got it? Reads alone, by any replica, for whoever may by the API server's own word. A refusal is a <c>Status</c> as the API server's own are, so that who asks through its
/// proxy need not tell them apart.
/// </summary>
internal sealed class InquiryEndpoint(
    ICallerRights rights, ILedgerControl ledgers, IEntityStore<PushCampaign> campaigns, IEntityStore<PushPool> pools, DeliveryListing listing, VehicleInquiry vehicles, ILogger<InquiryEndpoint> log) : IDisposable
{
    /// <summary>Takes the place of <c>Authorization</c>, which the API server keeps to itself when it forwards a call.</summary>
    public const string TokenHeader = "X-Push-Authorization";

    /// <summary>Answers at a time, of which each holds a bucket and a shard's failures. The next is told to come again.</summary>
    private const int MostAtATime = 8;

    private const string Bearer = "Bearer ";

    private readonly SemaphoreSlim _places = new(MostAtATime);

    public async Task AnswerAsync(HttpContext context)
    {
        if (!await _places.WaitAsync(TimeSpan.Zero, context.RequestAborted))
        {
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, 429, "TooManyRequests", $"{MostAtATime} questions are being answered; ask again in a second");
            return;
        }
        try
        {
            await RouteAsync(context);
        }
        catch (Exception fault) when (fault is StoreUnavailableException or KubernetesException or HttpRequestException or TimeoutException)
        {
            log.InquiryFailed(fault.Message);
            await FailAsync(context, fault);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private Task RouteAsync(HttpContext context)
    {
        string[] segments = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            return RefuseAsync(context, 405, "MethodNotAllowed", "only GET is answered here");
        }
        return segments switch
        {
            ["v1", "namespaces", var ns, "campaigns", var name, "deliveries"] =>
                AllowedAsync(context, InquiryRight.Deliveries(ns, name), () => OfCampaignAsync(context, ns, name, listing.WriteAsync)),
            ["v1", "namespaces", var ns, "campaigns", var name, "failures"] =>
                AllowedAsync(context, InquiryRight.Deliveries(ns, name), () => OfCampaignAsync(context, ns, name, listing.WriteFailuresAsync)),
            ["v1", "namespaces", var ns, "pools", var pool, "vehicles", var vid] =>
                AllowedAsync(context, InquiryRight.Vehicles(ns, pool), () => OfVehicleAsync(context, ns, pool, vid)),
            _ => RefuseAsync(context, 404, "NotFound", "there is nothing to ask here"),
        };
    }

    /// <summary>The right is asked for before anything is looked up: who may not see it does not learn whether it exists.</summary>
    private async Task AllowedAsync(HttpContext context, InquiryRight right, Func<Task> answer)
    {
        if (Token(context.Request.Headers) is not { } token || await rights.WhoAsync(token, context.RequestAborted) is not { } user)
        {
            await RefuseAsync(context, 401, "Unauthorized", "a token that the API server knows is needed");
        }
        else if (!await rights.MayAsync(user, right, context.RequestAborted))
        {
            await RefuseAsync(context, 403, "Forbidden", $"user \"{user.Username}\" may not {right}");
        }
        else if (!campaigns.HasSynced || !pools.HasSynced)
        {
            await RefuseAsync(context, 503, "ServiceUnavailable", "the operator has just started and does not know the campaigns yet");
        }
        else
        {
            await answer();
        }
    }

    private async Task OfCampaignAsync(HttpContext context, string ns, string name, Func<HttpContext, CampaignKey, Task> write)
    {
        if (campaigns.Get(new NamespacedName(ns, name)) is not { } campaign)
        {
            await RefuseAsync(context, 404, "NotFound", $"there is no PushCampaign \"{name}\" in namespace \"{ns}\"", "pushcampaigns", name);
            return;
        }
        int revision = campaign.Status.Revision ?? campaign.Spec.Revision;
        StringValues asked = context.Request.Query["revision"];
        if (asked.Count > 0 && (!int.TryParse(asked, out revision) || revision < 1))
        {
            await RefuseAsync(context, 400, "BadRequest", $"revision is a number from 1, not \"{asked}\"");
            return;
        }
        CampaignKey key = new(CampaignObservation.PoolOf(campaign), CampaignObservation.IdOf(campaign), revision);
        if (await ledgers.ReadAsync(key, context.RequestAborted) is null)
        {
            await RefuseAsync(context, 404, "NotFound", $"nothing is on record of revision {revision} of {name}: it has not started, or ended more than 90 days ago", "deliveries", name);
            return;
        }
        await write(context, key);
    }

    private async Task OfVehicleAsync(HttpContext context, string ns, string name, string vid)
    {
        if (pools.Get(new NamespacedName(ns, name)) is not { } pool)
        {
            await RefuseAsync(context, 404, "NotFound", $"there is no PushPool \"{name}\" in namespace \"{ns}\"", "pushpools", name);
        }
        else if (await vehicles.FindAsync(pool, vid, context.RequestAborted) is not { } known)
        {
            await RefuseAsync(context, 404, "NotFound", $"pool \"{name}\" in namespace \"{ns}\" has never seen a car \"{vid}\", and no campaign of it was for one", "vehicles", vid);
        }
        else
        {
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, known, InquiryJson.Default.VehicleAnswer, context.RequestAborted);
        }
    }

    /// <summary>An answer that has begun is torn off: who reads it sees that its last line is missing.</summary>
    private static Task FailAsync(HttpContext context, Exception fault)
    {
        if (!context.Response.HasStarted)
        {
            return RefuseAsync(context, 503, "ServiceUnavailable", fault.Message);
        }
        context.Abort();
        return Task.CompletedTask;
    }

    private static string? Token(IHeaderDictionary headers)
    {
        string? given = (string?)headers[TokenHeader] ?? headers.Authorization;
        return given?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true && given.Length > Bearer.Length ? given[Bearer.Length..].Trim() : null;
    }

    private static Task RefuseAsync(HttpContext context, int code, string reason, string message, string? kind = null, string? name = null)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        JsonObject status = new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["code"] = code, ["reason"] = reason, ["message"] = message };
        if (name is not null)
        {
            status["details"] = new JsonObject { ["kind"] = kind, ["name"] = name };
        }
        return context.Response.WriteAsync(status.ToJsonString(), context.RequestAborted);
    }
}
