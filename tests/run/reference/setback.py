"""What test_setback.c expects of a roll-back: SGD with momentum in double precision, an epoch begun anew."""
w,b,v,u=1.0,0.0,0.0,0.0
lr=0.001
X=[1,2,3,4,5,1e30,7,8];Y=[2,4,6,8,10,12,14,16]
for e in range(2):
    start=(w,b,v,u)
    for s in range(4):
        if s==2: w,b,v,u=start; lr/=2; continue
        gw=gb=0
        for i in (2*s,2*s+1):
            d=w*X[i]+b-Y[i]; gw+=2*d*X[i]/2; gb+=2*d/2
        v=0.9*v-lr*gw; u=0.9*u-lr*gb; w+=v; b+=u
print(w,b)
